import {
  type Failure,
  FlotillaError,
  type HostDirectory,
  type HostKeyPin,
  type HostRecord,
  type HostView,
  isFlotillaError,
  type SecretRedactor,
  type Target,
} from '@flotilla/core';
import type { Grounds, HostLease } from '../protocol/messages.ts';
import type { HubClient } from './hub-client.ts';

interface Held {
  grounds: Grounds;
  lease: HostLease;
  /** Monotonic. */
  since: number;
}

const SECRETS = ['password', 'passphrase', 'sudoPassword', 'privateKey'] as const;

/** The hosts that a worker has leased, in memory only: each as long as what it was leased for. */
export class LeasedHosts implements HostDirectory {
  readonly #client: HubClient;
  readonly #redactor: Pick<SecretRedactor, 'add' | 'remove'>;
  readonly #held = new Map<string, Held>();
  readonly #secrets = new Map<string, number>();

  constructor(client: HubClient, redactor: Pick<SecretRedactor, 'add' | 'remove'>) {
    this.#client = client;
    this.#redactor = redactor;
  }

  /** `key` names what it is leased for; a later lease under the same key replaces the earlier. */
  hold(key: string, grounds: Grounds, lease: HostLease): void {
    this.#count(lease, 1);
    this.release(key);
    this.#held.set(key, { grounds, lease, since: performance.now() });
  }

  async fetch(key: string, grounds: Grounds): Promise<void> {
    this.hold(key, grounds, await this.#client.ask('lease', { grounds }));
  }

  /** Fetches again what was leased longer than `olderThanMs` ago: a host may have changed in a long run. */
  async renew(olderThanMs: number): Promise<void> {
    const limit = performance.now() - olderThanMs;
    for (const [key, { grounds, since }] of [...this.#held]) {
      if (since > limit || !this.#held.has(key)) continue;
      const lease = await this.#client.ask('lease', { grounds }).catch(() => undefined);
      if (lease && this.#held.has(key)) this.hold(key, grounds, lease);
    }
  }

  release(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held) this.#count(held.lease, -1);
  }

  /** DENIED for a host of no run of ours; why the hub could not give it, otherwise. */
  record(alias: string): HostRecord {
    const found = this.#find(alias);
    if (found) return found.record;
    const failure = this.#failure(alias);
    if (failure) throw toError(failure);
    throw new FlotillaError('DENIED', `This worker holds nothing that acts on ${alias}.`, {
      details: { alias },
    });
  }

  async pinHostKey(alias: string, pin: HostKeyPin, revision?: number): Promise<void> {
    const found = this.#find(alias);
    if (!found) throw new FlotillaError('DENIED', `This worker holds nothing that acts on ${alias}.`);
    const { grounds } = found.held;
    try {
      await this.#client.ask('pin', { grounds, alias, pin, ...(revision !== undefined && { revision }) });
      for (const { lease } of this.#held.values())
        lease.records = lease.records.map((record) =>
          record.alias === alias && record.hostKeys.length === 0 ? { ...record, hostKeys: [pin] } : record,
        );
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'CONFLICT') throw error;
      await this.fetch(found.key, grounds);
      throw error;
    }
  }

  resolve(target: Target): HostView[] {
    const found = new Map<string, HostView>();
    for (const word of typeof target === 'string' ? [target] : target)
      for (const view of this.#views(word)) found.set(view.alias, view);
    if (found.size === 0) throw new FlotillaError('INVALID_INPUT', 'The list of hosts is empty.');
    return [...found.values()];
  }

  #find(alias: string): { key: string; held: Held; record: HostRecord } | undefined {
    let newest: { key: string; held: Held; record: HostRecord } | undefined;
    for (const [key, held] of this.#held) {
      const record = held.lease.records.find((one) => one.alias === alias);
      if (record && record.revision >= (newest?.record.revision ?? 0)) newest = { key, held, record };
    }
    return newest;
  }

  #failure(word: string): Failure | undefined {
    for (const { lease } of this.#held.values()) {
      const failure = Object.hasOwn(lease.failures, word) ? lease.failures[word] : undefined;
      if (failure) return failure;
    }
    return undefined;
  }

  #views(word: string): HostView[] {
    const leases = [...this.#held.values()].map(({ lease }) => lease).reverse();
    for (const { views } of leases) if (Object.hasOwn(views, word)) return views[word] ?? [];
    const known = leases.flatMap(({ views }) => Object.values(views).flat());
    const chosen = known.filter((view) => means(word, view));
    if (chosen.length > 0) return chosen;
    const failure = this.#failure(word);
    if (failure) throw toError(failure);
    throw new FlotillaError('NOT_FOUND', `This worker holds nothing that acts on ${word}.`);
  }

  #count({ records }: HostLease, change: 1 | -1): void {
    for (const record of records)
      for (const field of SECRETS) {
        const value = record[field];
        if (value === undefined) continue;
        const holders = (this.#secrets.get(value) ?? 0) + change;
        if (holders > 0) this.#secrets.set(value, holders);
        else this.#secrets.delete(value);
        if (change === 1 && holders === 1) this.#redactor.add(value);
        if (holders === 0) this.#redactor.remove(value);
      }
  }
}

/** Groups and the like of a standing lease are chosen here. */
function means(word: string, view: HostView): boolean {
  const [, kind, name = ''] = /^(group|env|tag):(.*)$/s.exec(word) ?? [];
  if (kind === 'group') return view.groups.includes(name);
  if (kind === 'env') return view.env === name;
  if (kind === 'tag') return view.tags.includes(name);
  return view.alias === word;
}

const toError = ({ code, message, details, hint }: Failure): FlotillaError =>
  new FlotillaError(code, message, { details, hint });
