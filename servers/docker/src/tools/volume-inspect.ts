import { defineTool, fenceRemote, formatBytes, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { listContainers } from '../lib/containers/summary.ts';
import { diskUsage } from '../lib/disk-usage/disk-usage.ts';
import { withEngine } from '../lib/engine/index.ts';
import { isoTime, shown } from '../lib/text.ts';
import { inspectVolume, volumeUsers } from '../lib/volumes/volume.ts';

export const volumeInspect = defineTool({
  name: 'volume_inspect',
  title: 'Inspect a volume',
  description:
    'One volume: where it is on the host, its size, options and labels, and the containers that mount it. Options that look like secrets are hidden.',
  effect: 'read',
  input: z.object({ alias: HostAlias, volume: objectName.describe('Name of the volume') }),
  output: z.object({
    alias: z.string(),
    name: z.string(),
    driver: z.string(),
    mountpoint: z.string(),
    created: z.string().optional(),
    bytes: z.number().optional().describe('Absent where the engine does not tell'),
    usedBy: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
    options: z.record(z.string(), z.string()),
  }),
  run: (context, { alias, volume }) =>
    withEngine(context, alias, async (engine) => {
      const { signal } = context;
      const found = await inspectVolume(engine, volume, signal);
      const [containers, usage] = await Promise.all([
        listContainers(engine, { signal }),
        diskUsage(engine, signal),
      ]);
      const bytes = usage.volumes.find(({ name }) => name === found.Name)?.bytes;
      const created = isoTime(found.CreatedAt);
      return shown({
        alias,
        name: found.Name,
        driver: found.Driver ?? '',
        mountpoint: found.Mountpoint ?? '',
        ...(created && { created }),
        ...(bytes !== undefined && { bytes }),
        usedBy: volumeUsers(containers).get(found.Name) ?? [],
        labels: hideInValue(found.Labels ?? {}) as Record<string, string>,
        options: hideInValue(found.Options ?? {}) as Record<string, string>,
      });
    }),
  text: ({ alias, name, driver, mountpoint, bytes, usedBy, labels, options }) => {
    const lines = [
      `${name} (${driver}) at ${mountpoint}${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`,
      `used by: ${usedBy.join(', ') || 'no container'}`,
      ...Object.entries({ ...options, ...labels }).map(([key, value]) => `${key}=${value}`),
    ];
    return fenceRemote(lines.join('\n'), `${alias}: volume`);
  },
});
