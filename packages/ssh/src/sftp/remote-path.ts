import type { RemotePath } from '@flotilla/core';
import { FlotillaError } from '@flotilla/core';
import { pathBytes } from './paths.ts';

const MAX_PATH = 4096;

/**
 * A path as the SFTP server takes it: its sessions start in the login's home, so `~/x` is `x`.
 * INVALID_INPUT for an empty path, NUL bytes and paths that no Linux takes.
 */
export function remotePath(path: RemotePath): Buffer {
  const bytes = pathBytes(path);
  if (bytes.length === 0) throw new FlotillaError('INVALID_INPUT', 'The remote path is empty.');
  if (bytes.includes(0)) throw new FlotillaError('INVALID_INPUT', 'The remote path holds a NUL byte.');
  if (bytes.length > MAX_PATH) {
    throw new FlotillaError('INVALID_INPUT', `The remote path is longer than ${MAX_PATH} bytes.`);
  }
  if (bytes[0] !== 0x7e) return bytes;
  if (bytes.length === 1 || bytes.toString() === '~/') return Buffer.from('.');
  if (bytes[1] === 0x2f) return Buffer.from(bytes.toString('latin1').replace(/^~\/+/, ''), 'latin1');
  return bytes;
}
