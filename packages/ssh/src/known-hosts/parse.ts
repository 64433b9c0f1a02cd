import { keyType } from '../keys/fingerprint.ts';

/** One usable line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostsEntry {
  /** Comma-separated patterns, or one hashed name, as written. */
  names: string;
  revoked: boolean;
  type: string;
  /** The public key in wire form. */
  blob: Buffer;
  /** Counted from 1. */
  line: number;
}

/**
 * The entries that name plain host keys. Comments, damaged lines and certificate authorities are left out:
 * certificates are not checked, and a CA's key never stands for a host's own key.
 */
export function parseKnownHosts(text: string): KnownHostsEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const fields = line.split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    if (marker !== undefined && marker !== '@revoked') return [];
    const [names, type, base64] = fields;
    if (!names || !type || !base64) return [];
    const blob = Buffer.from(base64, 'base64');
    if (keyType(blob) !== type) return [];
    return [{ names, revoked: marker === '@revoked', type, blob, line: index + 1 }];
  });
}
