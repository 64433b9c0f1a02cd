import {
  defineTool,
  FlotillaError,
  HostAlias,
  idempotencyKeyArgument,
  isFlotillaError,
} from '@flotilla/core';
import { z } from 'zod';
import { imageName } from '../lib/arguments.ts';
import { type Engine, withEngine } from '../lib/engine/index.ts';
import { imagePath, inspectImage } from '../lib/images/image.ts';
import { splitReference, transferImage } from '../lib/images/pull-image.ts';
import { registryAuth } from '../lib/update/registry-auth.ts';

const Distribution = z.looseObject({ Descriptor: z.looseObject({ digest: z.string() }) });

export const imagePush = defineTool({
  name: 'image_push',
  title: 'Push an image',
  description:
    'Uploads an image from a host to the registry in its name, with progress. ' +
    'Tags are immutable: one that the registry has with another content is not overwritten, unless force is true; one it has with the same content is left alone. ' +
    'Logins of the account on the host are used where the registry wants one.',
  effect: { max: 'destroy', of: ({ force }) => (force ? 'destroy' : 'write') },
  input: z.object({
    alias: HostAlias,
    image: imageName.describe('Name with registry and tag, e.g. registry.example.com/app:1.4'),
    force: z.boolean().default(false).describe('Overwrite the tag in the registry'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    image: z.string(),
    digest: z.string().optional(),
    before: z.string().optional().describe('What the tag stood for in the registry'),
    pushed: z.boolean(),
    status: z.string(),
  }),
  job: {
    timeoutMs: 0,
    summary: ({ alias, image }) => `${alias}: push ${image}`,
    locks: ({ image }) => [`registry:${image}`],
  },
  run: async (job, { alias, image, force }) => {
    const { own, remote } = await job.step.repeatable(
      'compare',
      () =>
        withEngine(job, alias, async (engine) =>
          compare(engine, image, force, await registryAuth(job, alias)(image), job.signal),
        ),
      { alias },
    );
    const before = remote === null ? {} : { before: remote };
    if (remote !== null && own.includes(remote))
      return {
        alias,
        image,
        digest: remote,
        ...before,
        pushed: false,
        status: 'The registry has exactly this already.',
      };
    if (remote !== null && !force)
      throw new FlotillaError('ALREADY_EXISTS', 'The registry has this tag with another content.', {
        details: { alias, image, digest: remote },
        hint: 'Give it a new tag with image_tag and push that, or overwrite with force: true.',
      });
    const { status, digest } = await transferImage(job, alias, 'push', image);
    return { alias, image, ...(digest && { digest }), ...before, pushed: true, status };
  },
  text: ({ alias, image, digest, before, pushed, status }) =>
    pushed
      ? `${alias}: pushed ${image}${digest ? ` as ${digest}` : ''}${before ? `, over ${before}` : ''}`
      : `${alias}: ${image}: ${status}`,
});

/** Digests that this image is known to have in that repository, and the one that the tag has there now. */
async function compare(
  engine: Engine,
  image: string,
  force: boolean,
  auth: string | undefined,
  signal: AbortSignal,
): Promise<{ own: string[]; remote: string | null }> {
  const { RepoDigests } = await inspectImage(engine, image, signal);
  const { name } = splitReference(image);
  const own = (RepoDigests ?? []).flatMap((text) =>
    text.startsWith(`${name}@`) ? [text.slice(name.length + 1)] : [],
  );
  try {
    const path = imagePath(image, '/json').replace('/images/', '/distribution/');
    const { Descriptor } = await engine.json(Distribution, path, {
      headers: auth === undefined ? {} : { 'X-Registry-Auth': auth },
      signal,
      timeoutMs: 60_000,
    });
    return { own, remote: Descriptor.digest };
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    const words = String(error.details['remote'] ?? '');
    if (engine.kind === 'docker' && isAbsent(error.code, words)) return { own, remote: null };
    if (force) return { own, remote: null };
    throw new FlotillaError(
      'UNSUPPORTED',
      'What the registry has under this tag could not be seen, so it is not pushed.',
      {
        details: { alias: engine.alias, image, remote: words },
        hint: 'If the tag may be overwritten, say force: true.',
        cause: error,
      },
    );
  }
}

/** dockerd passes the registry's refusal on: an unknown repository is "denied" for some registries, "not found" for others. */
const isAbsent = (code: string, words: string): boolean =>
  code === 'NOT_FOUND' || /manifest unknown|name unknown|not found/i.test(words);
