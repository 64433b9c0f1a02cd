import { defineTool, FlotillaError, formatBytes, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { imageName } from '../lib/arguments.ts';
import { listContainers, summaryName } from '../lib/containers/summary.ts';
import { withEngine } from '../lib/engine/index.ts';
import { bareId, imagePath, inspectImage, tagsOf } from '../lib/images/image.ts';
import { shortId, shown } from '../lib/text.ts';

const Removed = z.array(z.looseObject({ Untagged: z.string().nullish(), Deleted: z.string().nullish() }));

export const imageRemove = defineTool({
  name: 'image_remove',
  title: 'Remove an image',
  description:
    'Removes one tag of an image, and the image itself with its last tag; refuses while a container, also a stopped one, was made from it. ' +
    'By id it removes every tag, with force. dryRun says what would go and who uses it; for many images use docker_prune.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    image: imageName,
    force: z
      .boolean()
      .default(false)
      .describe('Also when it has further tags or only stopped containers use it'),
    dryRun: z.boolean().default(false).describe('Only answer with what would be removed'),
  }),
  output: z.object({
    alias: z.string(),
    image: z.string(),
    id: z.string(),
    tags: z.array(z.string()),
    bytes: z.number(),
    usedBy: z.array(z.string()),
    untagged: z.array(z.string()),
    deleted: z.boolean().describe('The image itself is gone, not only a tag'),
    dryRun: z.boolean(),
  }),
  run: (context, { alias, image, force, dryRun }) =>
    withEngine(context, alias, async (engine) => {
      const { signal } = context;
      const details = await inspectImage(engine, image, signal);
      const users = (await listContainers(engine, { signal })).filter(
        ({ ImageID }) => bareId(ImageID) === bareId(details.Id),
      );
      const tags = tagsOf(details);
      const last = tags.length <= 1;
      const usedBy = users.map(summaryName);
      const base = shown(
        { alias, image, id: shortId(details.Id), tags, bytes: details.Size ?? 0, usedBy, dryRun },
        500,
      );
      if (dryRun) return { ...base, untagged: last ? tags : [image], deleted: last && users.length === 0 };
      const running = users.some(({ State }) => State === 'running');
      if (users.length > 0 && last && (running || !force))
        throw new FlotillaError('CONFLICT', 'Containers were made from this image.', {
          details: { alias, image, remote: usedBy.join(', ') },
          hint: 'Remove those first with docker_remove; force is for images that only stopped containers use.',
        });
      const query = { force };
      const removed = await engine.json(Removed, imagePath(image), {
        method: 'DELETE',
        query,
        timeoutMs: 120_000,
        signal,
      });
      const untagged = removed.flatMap(({ Untagged }) => Untagged ?? []);
      return {
        ...base,
        untagged: shown(untagged, 500),
        deleted: removed.some(({ Deleted }) => Deleted && bareId(Deleted) === bareId(details.Id)),
      };
    }),
  text: ({ alias, image, id, bytes, usedBy, deleted, dryRun, tags }) =>
    [
      `${alias}: ${image} (${id}, ${formatBytes(bytes)}): ${dryRun ? 'would be' : 'was'} ${deleted ? 'removed' : 'untagged; the image stays'}.`,
      ...(usedBy.length > 0 ? [`Used by ${usedBy.slice(0, 20).join(', ')}.`] : []),
      ...(tags.length > 1 ? [`It had ${tags.length} tags.`] : []),
    ].join('\n'),
});
