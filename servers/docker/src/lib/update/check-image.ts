import { type FlotillaError, isFlotillaError, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { orMissing } from './containers.ts';
import { movableTag } from './image-reference.ts';
import { ImageConfig } from './inspected.ts';
import type { RegistryAuth } from './registry-auth.ts';

export const ImageState = z.enum(['behind', 'unreachable', 'gone', 'current', 'pinned', 'local_only']);

export const ImageCheck = z.object({
  image: z.string(),
  state: ImageState.describe(
    'behind: the registry has a newer one under this tag; gone: the tag is no longer there; pinned: named by digest; local_only: never came from a registry',
  ),
  current: z.string().optional().describe('Digest of what runs'),
  newest: z.string().optional().describe('Digest that the tag has in the registry'),
  pulled: z.boolean().optional().describe('The newer image is on the host already'),
  reason: z.string().optional(),
  remote: z.string().optional().describe('What the registry said'),
});
export type ImageCheck = z.infer<typeof ImageCheck>;

export const LocalImage = z.looseObject({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Config: ImageConfig.nullish(),
});
export type LocalImage = z.infer<typeof LocalImage>;

const Distribution = z.object({
  Descriptor: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
});
const REGISTRY_MS = 25_000;

export const localImage = (
  engine: Engine,
  reference: string,
  signal?: AbortSignal,
): Promise<LocalImage | undefined> =>
  orMissing(engine.json(LocalImage, `/images/${encodeURIComponent(reference)}/json`, { signal }));

/** Compares the digest of what runs with that of the tag in its registry; nothing is downloaded. */
export async function checkImage(
  engine: Engine,
  auth: RegistryAuth,
  { image, imageId }: { image: string; imageId: string },
  signal?: AbortSignal,
): Promise<ImageCheck> {
  const running = await localImage(engine, imageId, signal);
  const digests = (running?.RepoDigests ?? []).map((entry) => entry.slice(entry.indexOf('@') + 1));
  const [current] = digests;
  const known = { image: visibleControls(image), ...(current !== undefined && { current }) };
  if (image.includes('@')) return { ...known, state: 'pinned' };
  if (!movableTag(image))
    return { ...known, state: 'local_only', reason: 'the container was made from an image id' };
  if (current === undefined) return { ...known, state: 'local_only', reason: 'built or loaded on the host' };
  const asked = await newestDigest(engine, auth, image, signal);
  if (typeof asked !== 'string') return { ...known, ...asked };
  const own = digests.find((digest) => digest === asked);
  if (own !== undefined) return { ...known, current: own, newest: asked, state: 'current' };
  const tagged = await localImage(engine, image, signal);
  const pulled = tagged?.RepoDigests?.some((entry) => entry.endsWith(`@${asked}`)) ?? false;
  return { ...known, newest: asked, state: 'behind', ...(pulled && { pulled }) };
}

async function newestDigest(
  engine: Engine,
  auth: RegistryAuth,
  image: string,
  signal?: AbortSignal,
): Promise<string | Pick<ImageCheck, 'state' | 'reason' | 'remote'>> {
  const header = await auth(image);
  try {
    const path = `/distribution/${image.split('/').map(encodeURIComponent).join('/')}/json`;
    const headers: Record<string, string> = header === undefined ? {} : { 'X-Registry-Auth': header };
    const answer = await engine.json(Distribution, path, { headers, timeoutMs: REGISTRY_MS, signal });
    return answer.Descriptor.digest;
  } catch (error) {
    if (!isFlotillaError(error) || error.code === 'CANCELLED' || error.code === 'CONNECTION_FAILED')
      throw error;
    return engine.kind === 'podman' && notAsked(error) ? PODMAN : refusal(error);
  }
}

/** Podman may lack this call of the API: its 404 is of the call then, not of the image. */
const notAsked = ({ code, details }: FlotillaError): boolean =>
  code === 'UNSUPPORTED' ||
  (code === 'NOT_FOUND' && !/manifest|unknown/i.test(String(details['remote'] ?? '')));
const PODMAN = { state: 'unreachable', reason: 'this Podman cannot ask registries without pulling' } as const;

function refusal(error: FlotillaError): Pick<ImageCheck, 'state' | 'reason' | 'remote'> {
  const { remote } = error.details;
  const said = { ...(typeof remote === 'string' && remote !== '' && { remote: remote.slice(0, 500) }) };
  const words = typeof remote === 'string' ? remote : '';
  if (error.code === 'NOT_FOUND' || /manifest unknown|not found/i.test(words))
    return { state: 'gone', reason: 'the registry does not have this tag', ...said };
  if (error.code === 'DENIED' || /denied|unauthorized/i.test(words))
    return { state: 'unreachable', reason: 'the registry wants a login: docker login on the host', ...said };
  return { state: 'unreachable', reason: 'the registry gave no answer', ...said };
}
