import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  fenceRemote,
  formatBytes,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { listContainers } from '../lib/containers/summary.ts';
import { diskUsage } from '../lib/disk-usage/disk-usage.ts';
import { withEngine } from '../lib/engine/index.ts';
import { isoTime, shown } from '../lib/text.ts';
import { inspectVolume, volumeUsers } from '../lib/volumes/volume.ts';

const Volume = z.object({
  name: z.string(),
  driver: z.string(),
  mountpoint: z.string(),
  created: z.string().optional(),
  bytes: z.number().optional().describe('Absent where the engine does not tell'),
  usedBy: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.string()),
});

export const volumeInspect = defineTool({
  name: 'volume_inspect',
  title: 'Inspect a volume',
  description:
    'One volume: where it is on the host, its size, options and labels, and the containers that mount it. Options that look like secrets are hidden.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    volume: objectName.describe('Name of the volume'),
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema({ volume: Volume })) }),
  isError: anyHostFailed,
  run: async (context, { volume, ...target }) => ({
    rows: await eachHost(context, target, (alias) =>
      withEngine(context, alias, async (engine) => {
        const { signal } = context;
        const found = await inspectVolume(engine, volume, signal);
        const [containers, usage] = await Promise.all([
          listContainers(engine, { signal }),
          diskUsage(engine, signal),
        ]);
        const bytes = usage.volumes.find(({ name }) => name === found.Name)?.bytes;
        const created = isoTime(found.CreatedAt);
        return {
          volume: shown({
            name: found.Name,
            driver: found.Driver ?? '',
            mountpoint: found.Mountpoint ?? '',
            ...(created && { created }),
            ...(bytes !== undefined && { bytes }),
            usedBy: volumeUsers(containers).get(found.Name) ?? [],
            labels: hideInValue(found.Labels ?? {}) as Record<string, string>,
            options: hideInValue(found.Options ?? {}) as Record<string, string>,
          }),
        };
      }),
    ),
  }),
  text: ({ rows: hosts }) =>
    rowsText<{ volume: z.infer<typeof Volume> }>(
      hosts,
      ({ alias, volume: { name, driver, mountpoint, bytes, usedBy, labels, options } }) => {
        const lines = [
          `${name} (${driver}) at ${mountpoint}${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`,
          `used by: ${usedBy.join(', ') || 'no container'}`,
          ...Object.entries({ ...options, ...labels }).map(([key, value]) => `${key}=${value}`),
        ];
        return fenceRemote(lines.join('\n'), `${alias}: volume`);
      },
    ),
});
