import { formatBytes } from '@flotilla/core';
import { z } from 'zod';
import { listContainers } from '../lib/containers/summary.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { bareId, listImages, tagsOf } from '../lib/images/image.ts';
import { isoTime, shortId, shown, table } from '../lib/text.ts';

const Image = z.object({
  id: z.string(),
  tags: z.array(z.string()),
  bytes: z.number(),
  created: z.string().optional(),
  usedBy: z.number().int().describe('Containers made from it, stopped ones too'),
  digests: z.array(z.string()).optional(),
});

export const imageList = defineEngineRead({
  name: 'image_list',
  title: 'List images',
  description:
    'Images on one host or many with tags, size, age and how many containers use them, the largest first. ' +
    'Whether a newer one exists says image_updates, what could be removed docker_prune with dryRun.',
  input: {
    text: z.string().min(1).max(255).optional().describe('Only images with a tag or id that contains this'),
    unused: z.boolean().default(false).describe('Only images that no container uses'),
    limit: z.number().int().min(1).max(2000).default(100).describe('Images per host at most'),
  },
  row: {
    total: z.number().int(),
    bytes: z.number().describe('Sum of sizes; layers that images share are counted for each'),
    leftOut: z.number().int(),
    images: z.array(Image),
  },
  look: async (engine, input, context) => {
    const { signal } = context;
    const [images, containers] = await Promise.all([
      listImages(engine, signal),
      listContainers(engine, { signal }),
    ]);
    const uses = Map.groupBy(containers, ({ ImageID }) => bareId(ImageID));
    const rows = images.map((image) => {
      const created = isoTime(image.Created);
      return shown(
        {
          id: shortId(image.Id),
          tags: tagsOf(image),
          bytes: image.Size,
          ...(created && { created }),
          usedBy: uses.get(bareId(image.Id))?.length ?? 0,
          ...(image.RepoDigests?.length && { digests: image.RepoDigests }),
        },
        500,
      );
    });
    const { text } = input;
    const wanted = rows
      .filter(({ usedBy }) => !input.unused || usedBy === 0)
      .filter(
        ({ tags, id }) => text === undefined || id.includes(text) || tags.some((tag) => tag.includes(text)),
      )
      .toSorted((a, b) => b.bytes - a.bytes);
    return {
      total: wanted.length,
      bytes: wanted.reduce((sum, { bytes }) => sum + bytes, 0),
      leftOut: Math.max(0, wanted.length - input.limit),
      images: wanted.slice(0, input.limit),
    };
  },
  text: (row) => {
    const head = `${row.alias}: ${row.total} images, ${formatBytes(row.bytes ?? 0)}${row.leftOut ? `, ${row.leftOut} left out` : ''}`;
    if (row.images.length === 0) return head;
    const lines = row.images.map(({ id, tags, bytes, created, usedBy }) => [
      tags.join(' ') || '(no tag)',
      id,
      formatBytes(bytes),
      (created ?? '').slice(0, 10),
      usedBy === 0 ? 'unused' : `${usedBy} containers`,
    ]);
    return `${head}\n${table(row.alias, ['tags', 'id', 'size', 'created', 'used by'], lines)}`;
  },
});
