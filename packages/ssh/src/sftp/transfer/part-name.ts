import { createHash } from 'node:crypto';
import { baseName, joinPath, parentPath } from '../paths.ts';

const MAX_NAME = 180;

/**
 * The temporary name of a file in its own folder: the same every time, so that an interrupted transfer
 * finds what it left.
 */
export function partName(name: Uint8Array): Buffer {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return Buffer.concat([
    Buffer.from('.'),
    Buffer.from(name.subarray(0, MAX_NAME)),
    Buffer.from(`.${digest}.part`),
  ]);
}

export const partPath = (target: Uint8Array): Buffer =>
  joinPath(parentPath(target), partName(baseName(target)));
