import type { Engine } from '../engine/index.ts';

/** What a reference without a digest names; undefined for an id or a digest, which always stand for one image. */
export function movableTag(reference: string): { repo: string; tag: string } | undefined {
  if (reference.includes('@') || /^(?:sha256:)?[0-9a-f]{12,64}$/.test(reference)) return undefined;
  const slash = reference.lastIndexOf('/');
  const colon = reference.indexOf(':', slash + 1);
  return colon === -1
    ? { repo: reference, tag: 'latest' }
    : { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** Makes the reference's tag stand for the image again; what to create a container from. */
export async function pointTag(
  engine: Engine,
  reference: string,
  imageId: string,
  signal?: AbortSignal,
): Promise<string> {
  const named = movableTag(reference);
  if (!named) return imageId;
  await engine.send(`/images/${encodeURIComponent(imageId)}/tag`, { method: 'POST', query: named, signal });
  return reference;
}
