import { open } from 'node:fs/promises';
import type { Logger } from '@flotilla/core';
import { codeOf } from '../connect/failures.ts';
import { type KnownHostsEntry, parseKnownHosts } from './parse.ts';

/** Reads known_hosts files again only when they changed. */
export interface KnownHostsFiles {
  entries(): Promise<KnownHostsEntry[]>;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** A file that is missing counts as empty; one that cannot be read is logged. */
export function knownHostsFiles(paths: readonly string[], log: Logger): KnownHostsFiles {
  const cache = new Map<string, { version: string; entries: KnownHostsEntry[] }>();

  async function read(path: string): Promise<KnownHostsEntry[]> {
    try {
      await using file = await open(path, 'r');
      const { size, mtimeNs, ino } = await file.stat({ bigint: true });
      const version = `${ino}:${size}:${mtimeNs}`;
      const cached = cache.get(path);
      if (cached?.version === version) return cached.entries;
      if (size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
      const entries = parseKnownHosts(await file.readFile('utf8'));
      cache.set(path, { version, entries });
      return entries;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        log.warn(
          { path, reason: error instanceof Error ? error.message : String(error) },
          'known_hosts not read',
        );
      return [];
    }
  }

  return { entries: async () => (await Promise.all(paths.map(read))).flat() };
}
