import {
  type Failure,
  FlotillaError,
  failureOf,
  type HostDirectory,
  type HostKeyPin,
  type HostRecord,
  type HostView,
  isFlotillaError,
} from '@flotilla/core';
import type { HostLease } from '../protocol/messages.ts';

/** Where the hub has its hosts. */
export interface HostSource extends HostDirectory {
  resolve(target: string): HostView[];
  /** The text of a private key file; rejects with the system's error. */
  readKey(path: string): Promise<string>;
  /** What this machine's known_hosts say of a host without pins. */
  knownKeys(record: HostRecord): Promise<readonly HostKeyPin[]>;
}

/** Everything that a worker needs to reach the hosts of some target words, or why it cannot. */
export async function hostLease(source: HostSource, words: readonly string[]): Promise<HostLease> {
  const lease: HostLease = { records: [], views: {}, failures: {} };
  const wanted: string[] = [];
  for (const word of new Set(words)) {
    try {
      const views = source.resolve(word);
      lease.views[word] = views;
      wanted.push(...views.map(({ alias }) => alias));
    } catch (error) {
      lease.failures[word] = failure(error);
    }
  }
  const known = new Set<string>();
  for (const alias of wanted) {
    // A loop of bastions ends here and is refused by who connects.
    for (let next: string | undefined = alias; next !== undefined && !known.has(next); ) {
      known.add(next);
      next = await add(source, lease, next);
    }
  }
  return lease;
}

/** Returns its bastion. */
async function add(source: HostSource, lease: HostLease, alias: string): Promise<string | undefined> {
  try {
    const record = source.record(alias);
    lease.records.push(await leased(source, record));
    return record.jump;
  } catch (error) {
    lease.failures[alias] = failure(error);
    return undefined;
  }
}

/** The record with its key in it: files and agents of this machine are out of a worker's reach. */
async function leased(source: HostSource, record: HostRecord): Promise<HostRecord> {
  const { keyPath, agentSocket, ...plain } = record;
  const hostKeys = record.hostKeys.length > 0 ? record.hostKeys : await source.knownKeys(record);
  const rest = { ...plain, hostKeys };
  if (keyPath !== undefined) {
    try {
      return { ...rest, privateKey: await source.readKey(keyPath) };
    } catch (cause) {
      if (rest.password === undefined)
        throw new FlotillaError('AUTH_FAILED', `The key file of ${record.alias} cannot be read by the hub.`, {
          details: { alias: record.alias, keyPath, cause: (cause as NodeJS.ErrnoException).code ?? '' },
          cause,
        });
    }
  }
  if (agentSocket !== undefined && rest.password === undefined && keyPath === undefined)
    throw new FlotillaError('UNSUPPORTED', `${record.alias} logs in with the SSH agent of the hub.`, {
      details: { alias: record.alias },
      hint: 'A worker cannot use that agent: give the host a key file or a password.',
    });
  return rest;
}

function failure(error: unknown): Failure {
  if (!isFlotillaError(error)) throw error;
  return failureOf(error);
}
