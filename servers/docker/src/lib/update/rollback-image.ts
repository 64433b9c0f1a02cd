import type { Engine } from '../engine/index.ts';

/** Tags under this name protect images that a change may have to go back to. No registry has it. */
export const ROLLBACK_DOMAIN = 'flotilla.rollback';

/** `flotilla.rollback/NAME:ID`, for any name of a container and id of an image. */
export function rollbackTag(name: string, imageId: string): { repo: string; tag: string } {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  return {
    repo: `${ROLLBACK_DOMAIN}/${plain || 'container'}`,
    tag: imageId.replace(/^sha256:/, '').slice(0, 12),
  };
}

export const isRollbackTag = (reference: string): boolean => reference.startsWith(`${ROLLBACK_DOMAIN}/`);

/** Tags the image, so that neither a pull nor a prune takes it away. Doing it again changes nothing. */
export async function protectImage(
  engine: Engine,
  name: string,
  imageId: string,
  signal?: AbortSignal,
): Promise<string> {
  const { repo, tag } = rollbackTag(name, imageId);
  await engine.send(`/images/${encodeURIComponent(imageId)}/tag`, {
    method: 'POST',
    query: { repo, tag },
    signal,
  });
  return `${repo}:${tag}`;
}
