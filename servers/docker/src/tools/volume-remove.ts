import { defineTool, FlotillaError, formatBytes, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { listContainers } from '../lib/containers/summary.ts';
import { diskUsage } from '../lib/disk-usage/disk-usage.ts';
import { withEngine } from '../lib/engine/index.ts';
import { shown } from '../lib/text.ts';
import { inspectVolume, volumePath, volumeUsers } from '../lib/volumes/volume.ts';

export const volumeRemove = defineTool({
  name: 'volume_remove',
  title: 'Remove a volume',
  description:
    'Removes one volume and all data in it; there is no undo, so save it first. ' +
    'Refuses while any container, also a stopped one, mounts it. dryRun says its size and who uses it.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    volume: objectName.describe('Name of the volume, in full'),
    dryRun: z.boolean().default(false).describe('Only answer with what would be removed'),
  }),
  output: z.object({
    alias: z.string(),
    volume: z.string(),
    bytes: z.number().optional(),
    usedBy: z.array(z.string()),
    removed: z.boolean(),
    dryRun: z.boolean(),
  }),
  run: (context, { alias, volume, dryRun }) =>
    withEngine(context, alias, async (engine) => {
      const { signal } = context;
      const found = await inspectVolume(engine, volume, signal);
      const usedBy = volumeUsers(await listContainers(engine, { signal })).get(found.Name) ?? [];
      const bytes = (await diskUsage(engine, signal)).volumes.find(({ name }) => name === found.Name)?.bytes;
      const base = shown({
        alias,
        volume: found.Name,
        ...(bytes !== undefined && { bytes }),
        usedBy,
        dryRun,
      });
      if (dryRun) return { ...base, removed: false };
      if (usedBy.length > 0)
        throw new FlotillaError('CONFLICT', 'Containers mount this volume.', {
          details: { alias, volume, remote: base.usedBy.join(', ') },
          hint: 'Remove those containers first with docker_remove.',
        });
      await engine.send(volumePath(found.Name), { method: 'DELETE', signal });
      return { ...base, removed: true };
    }),
  text: ({ alias, volume, bytes, usedBy, dryRun }) => {
    const size = bytes === undefined ? '' : ` with ${formatBytes(bytes)} of data`;
    const but =
      dryRun && usedBy.length > 0 ? `, were it not for ${usedBy.length} containers that mount it` : '';
    return `${alias}: volume ${JSON.stringify(volume)}${size} ${dryRun ? 'would be' : 'was'} removed${but}.`;
  },
});
