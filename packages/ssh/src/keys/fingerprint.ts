import { createHash } from 'node:crypto';
import type { HostKeyPin } from '@flotilla/core';

/** Type and SHA-256 fingerprint of a public key in wire form (RFC 4253 section 6.6). */
export function pinOf(blob: Buffer): HostKeyPin {
  return { type: keyType(blob), fingerprint: fingerprint(blob) };
}

/** `SHA256:` and unpadded base64, as ssh-keygen -lf prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The algorithm name that the key starts with; empty when it is not a key. */
export function keyType(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  if (length > 64 || blob.length < 4 + length) return '';
  return blob.toString('latin1', 4, 4 + length);
}
