import { formatBytes } from '@flotilla/core';
import { z } from 'zod';
import { diskUsage, UsageKind } from '../lib/disk-usage/disk-usage.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { shown, table } from '../lib/text.ts';

const Volume = z.object({ name: z.string(), bytes: z.number(), used: z.boolean() });

export const dockerDf = defineEngineRead({
  name: 'docker_df',
  title: 'Disk used by containers',
  description:
    'What images, containers, volumes and build cache take on the disk of one host or many, how much of it nothing uses, and the largest volumes. ' +
    'docker_prune with dryRun lists what could go.',
  input: {
    volumes: z.number().int().min(0).max(1000).default(10).describe('Largest volumes to name per host'),
  },
  row: {
    bytes: z.number(),
    reclaimableBytes: z.number(),
    kinds: z.array(UsageKind),
    volumes: z.array(Volume),
  },
  look: async (engine, input, context) => {
    const { kinds, volumes } = await diskUsage(engine, context.signal);
    return {
      bytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
      reclaimableBytes: kinds.reduce((sum, kind) => sum + kind.reclaimableBytes, 0),
      kinds,
      volumes: shown(volumes.slice(0, input.volumes)),
    };
  },
  text: (row) => {
    const head = `${row.alias}: ${formatBytes(row.bytes ?? 0)}, of which nothing uses ${formatBytes(row.reclaimableBytes ?? 0)}`;
    const lines = [
      ...row.kinds.map((one) => [
        one.kind,
        String(one.count),
        formatBytes(one.bytes),
        formatBytes(one.reclaimableBytes),
      ]),
      ...(row.volumes ?? []).map((one) => [
        `volume ${one.name}`,
        '',
        formatBytes(one.bytes),
        one.used ? '' : formatBytes(one.bytes),
      ]),
    ];
    return `${head}\n${table(row.alias, ['what', 'count', 'size', 'unused'], lines)}`;
  },
});
