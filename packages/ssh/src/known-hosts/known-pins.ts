import type { HostKeyPin, Logger } from '@flotilla/core';
import { pinOf } from '../keys/fingerprint.ts';
import { knownHostsFiles } from './files.ts';
import { keysOf } from './verdict.ts';

/** The keys that known_hosts files list for a host, none that they revoke: for who connects from another machine. */
export function knownHostPins(
  paths: readonly string[],
  log: Logger,
): (host: string, port: number) => Promise<HostKeyPin[]> {
  const files = knownHostsFiles(paths, log);
  return async (host, port) => {
    const { listed, revoked } = keysOf(await files.entries(), host, port);
    return listed
      .filter(({ blob }) => !revoked.some((entry) => entry.blob.equals(blob)))
      .map(({ blob }) => pinOf(blob));
  };
}
