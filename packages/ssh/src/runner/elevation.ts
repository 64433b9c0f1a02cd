import { FlotillaError, type HostRecord } from '@flotilla/core';

/** How a command becomes root on its host. */
export type Elevation = { kind: 'none' } | { kind: 'nopasswd' } | { kind: 'password'; password: string };

/** A password has to be given to become root, and it is known. */
export function canBecomeRoot(record: HostRecord): boolean {
  return (
    record.user !== 'root' &&
    record.sudo === 'password' &&
    (record.sudoPassword ?? record.password) !== undefined
  );
}

/** By the host's `sudo` setting. UNSUPPORTED when the host has none, or no password is known. */
export function elevationFor(record: HostRecord, wanted: boolean | undefined): Elevation {
  if (wanted !== true || record.user === 'root') return { kind: 'none' };
  if (record.sudo === 'nopasswd') return { kind: 'nopasswd' };
  const password = record.sudoPassword ?? record.password;
  if (record.sudo === 'password' && password !== undefined && !/[\n\0]/.test(password)) {
    return { kind: 'password', password };
  }
  throw new FlotillaError('UNSUPPORTED', `${record.alias} is not set up for sudo.`, {
    details: { alias: record.alias, sudo: record.sudo, sent: false },
    hint: 'Register the host again with sudo: nopasswd, or sudo: password and the password.',
  });
}
