import { z } from 'zod';
import { LABEL } from '../lib/compose/labels.ts';
import { listContainers } from '../lib/containers/summary.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { shown, table } from '../lib/text.ts';
import { listVolumes, volumeUsers } from '../lib/volumes/volume.ts';

const Volume = z.object({
  name: z.string(),
  driver: z.string(),
  mountpoint: z.string(),
  project: z.string().optional(),
  usedBy: z.array(z.string()).describe('Containers that mount it, stopped ones too'),
});

export const volumeList = defineEngineRead({
  name: 'volume_list',
  title: 'List volumes',
  description:
    'Volumes of one host or many with compose project and the containers that use them. Their sizes say docker_df and volume_inspect.',
  input: {
    unused: z.boolean().default(false).describe('Only volumes that no container mounts'),
    limit: z.number().int().min(1).max(2000).default(200).describe('Volumes per host at most'),
  },
  row: { total: z.number().int(), leftOut: z.number().int(), volumes: z.array(Volume) },
  look: async (engine, input, context) => {
    const { signal } = context;
    const [all, containers] = await Promise.all([
      listVolumes(engine, signal),
      listContainers(engine, { signal }),
    ]);
    const users = volumeUsers(containers);
    const wanted = all
      .filter(({ Name }) => !input.unused || !users.has(Name))
      .toSorted((a, b) => a.Name.localeCompare(b.Name));
    const volumes = wanted.slice(0, input.limit).map((volume) => {
      const project = volume.Labels?.[LABEL.project];
      return shown({
        name: volume.Name,
        driver: volume.Driver ?? '',
        mountpoint: volume.Mountpoint ?? '',
        ...(project && { project }),
        usedBy: users.get(volume.Name) ?? [],
      });
    });
    return { total: wanted.length, leftOut: wanted.length - volumes.length, volumes };
  },
  text: (row) => {
    const head = `${row.alias}: ${row.total} volumes${row.leftOut ? `, ${row.leftOut} left out` : ''}`;
    if (row.volumes.length === 0) return head;
    const lines = row.volumes.map((one) => [
      one.name,
      one.driver,
      one.project ?? '',
      one.usedBy.join(' ') || 'unused',
    ]);
    return `${head}\n${table(row.alias, ['name', 'driver', 'project', 'used by'], lines)}`;
  },
});
