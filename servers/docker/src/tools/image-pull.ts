import { defineTool, HostAlias, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { imageName } from '../lib/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectImage } from '../lib/images/image.ts';
import { transferImage } from '../lib/images/pull-image.ts';
import { shortId } from '../lib/text.ts';

export const imagePull = defineTool({
  name: 'image_pull',
  title: 'Pull an image',
  description:
    'Fetches an image from its registry to a host, with progress; containers that run stay on the image they have: image_update moves them. ' +
    'Where the registry wants a login, those of the account on the host are used.',
  effect: 'write',
  input: z.object({ alias: HostAlias, image: imageName, idempotencyKey: idempotencyKeyArgument }),
  output: z.object({
    alias: z.string(),
    image: z.string(),
    id: z.string(),
    digest: z.string().optional(),
    changed: z.boolean().describe('The tag stands for another image than before'),
    before: z.string().optional(),
    status: z.string(),
  }),
  job: { timeoutMs: 0, summary: ({ alias, image }) => `${alias}: pull ${image}` },
  run: async (job, { alias, image }) => {
    const look = (key: string): Promise<string | null> =>
      job.step.repeatable(
        key,
        () =>
          withEngine(job, alias, (engine) =>
            inspectImage(engine, image, job.signal).then(
              ({ Id }) => Id,
              () => null,
            ),
          ),
        { alias },
      );
    const before = await look('before');
    const { status, digest } = await transferImage(job, alias, 'pull', image);
    const after = await look('after');
    return {
      alias,
      image,
      id: shortId(after ?? ''),
      ...(digest && { digest }),
      changed: before !== after,
      ...(before !== null && { before: shortId(before) }),
      status,
    };
  },
  text: ({ alias, image, id, before, changed, digest }) =>
    changed
      ? `${alias}: pulled ${image}: ${id}${before ? `, was ${before}` : ''}${digest ? ` (${digest})` : ''}`
      : `${alias}: ${image} was up to date already: ${id}`,
});
