import { defineTool, FlotillaError, HostAlias, isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { imageName } from '../lib/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { ImageDetails, imagePath, inspectImage } from '../lib/images/image.ts';
import { splitReference } from '../lib/images/pull-image.ts';
import { shortId } from '../lib/text.ts';

export const imageTag = defineTool({
  name: 'image_tag',
  title: 'Tag an image',
  description:
    'Gives an image on a host a further name. A name that stands for another image already is not moved, unless force is true.',
  effect: 'write',
  input: z.object({
    alias: HostAlias,
    image: imageName,
    tag: imageName.describe('The new name, e.g. registry.example.com/app:1.4'),
    force: z.boolean().default(false).describe('Move the name when another image has it'),
  }),
  output: z.object({
    alias: z.string(),
    image: z.string(),
    tag: z.string(),
    id: z.string(),
    before: z.string().optional(),
    changed: z.boolean(),
  }),
  run: (context, { alias, image, tag, force }) =>
    withEngine(context, alias, async (engine) => {
      const { signal } = context;
      if (tag.includes('@'))
        throw new FlotillaError('INVALID_INPUT', 'A digest is no name that can be given.', {
          details: { tag },
        });
      const { Id } = await inspectImage(engine, image, signal);
      const before = await engine.json(ImageDetails, imagePath(tag, '/json'), { signal }).then(
        (found) => found.Id,
        (error: unknown) => {
          if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
          throw error;
        },
      );
      if (before !== undefined && before !== Id && !force)
        throw new FlotillaError('ALREADY_EXISTS', `${tag} stands for another image on ${alias}.`, {
          details: { alias, tag, id: shortId(before), wanted: shortId(Id) },
          hint: 'Choose another tag, or move this one with force: true.',
        });
      const { name, tag: word } = splitReference(tag);
      await engine.send(imagePath(Id, '/tag'), { method: 'POST', query: { repo: name, tag: word }, signal });
      return {
        alias,
        image,
        tag,
        id: shortId(Id),
        ...(before !== undefined && { before: shortId(before) }),
        changed: before !== Id,
      };
    }),
  text: ({ alias, tag, id, before, changed }) =>
    changed
      ? `${alias}: ${tag} is ${id} now${before ? `, was ${before}` : ''}`
      : `${alias}: ${tag} was ${id} already`,
});
