import { FlotillaError, type Logger } from '@flotilla/core';
import { lossReason } from '../connect/failures.ts';
import type { OwnedLink } from '../connect/ssh-link.ts';
import type { ChannelLease, LeaseOptions, LinkStats } from '../links.ts';
import { connectionsToStart } from './growth.ts';
import { addHolder, freeChannels, type Holder, isIdle, type PooledLink } from './pooled-link.ts';
import { RECLAIM_PATIENCE_MS, reclaimIdle } from './reclaim.ts';
import { type Revival, revival } from './revival.ts';
import type { LinkSettings } from './settings.ts';
import { idleUpkeep } from './upkeep.ts';
import { type Waiter, waitingList } from './waiting-list.ts';

export interface HostPoolInput {
  alias: string;
  settings: LinkSettings;
  log: Logger;
  /** Opens a connection by the records as they are now; gives up when the signal fires. */
  connect(signal: AbortSignal): Promise<{ link: OwnedLink; stamp: string }>;
}

/** Attempts that belong together: dropping the host ends them all. */
interface Generation {
  abort: AbortController;
  connecting: number;
}

const newGeneration = (): Generation => ({ abort: new AbortController(), connecting: 0 });

/** All connections of one host and those who wait for a channel. */
export class HostPool {
  readonly #input: HostPoolInput;
  readonly #links = new Set<PooledLink>();
  readonly #waiting = waitingList();
  readonly #holders = new Map<ChannelLease, Holder>();
  readonly #attempts = new Set<Promise<void>>();
  readonly #revival: Revival = revival();
  #stamp: string | undefined;
  #generation = newGeneration();
  #lastUsed = 0;
  #reconnects = 0;
  #connectMs: number | undefined;
  #lastError: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: Error | undefined;

  constructor(input: HostPoolInput) {
    this.#input = input;
  }

  /** `stamp` identifies the records that the caller knows: connections made from others are dropped. */
  lease(stamp: string, options: LeaseOptions = {}): Promise<ChannelLease> {
    const cancelled = (): Error =>
      new FlotillaError('CANCELLED', `Waiting for a connection to ${this.#input.alias} was cancelled.`);
    if (options.signal?.aborted) return Promise.reject(cancelled());
    if (this.#closing) return Promise.reject(this.#closing);
    if (stamp !== this.#stamp) {
      this.drop();
      this.#stamp = stamp;
    }
    this.#lastUsed = Date.now();
    return new Promise((resolve, reject) => {
      this.#waiting.add({ options, resolve, reject }, cancelled);
      this.#pump();
    });
  }

  /** Is the connection of this lease alive, and made from the records that `stamp` identifies? */
  isCurrent(lease: ChannelLease, stamp: string): boolean {
    if (stamp !== this.#stamp) return false;
    return [...this.#links].some(({ link }) => link === lease.link && link.usable());
  }

  setIdle(lease: ChannelLease, idle: boolean): void {
    const holder = this.#holders.get(lease);
    if (!holder || holder.idle === idle) return;
    holder.idle = idle;
    holder.reclaimedAt = 0;
    for (const pooled of this.#links)
      if (pooled.holders.has(holder) && isIdle(pooled)) pooled.idleSince = Date.now();
    this.#pump();
  }

  /** Closes every connection, also those under way; waiting callers get a new one. */
  drop(): void {
    this.#generation.abort.abort();
    this.#generation = newGeneration();
    this.#stamp = undefined;
    this.#revival.stop();
    for (const pooled of [...this.#links]) this.#end(pooled);
    this.#pump();
  }

  async close(error: Error): Promise<void> {
    this.#closing = error;
    clearTimeout(this.#timer);
    this.#waiting.rejectAll(error);
    const gone = [...this.#links].map((pooled) => pooled.link.closed);
    this.drop();
    await Promise.all([...gone, ...this.#attempts]);
  }

  stats(): LinkStats {
    const holders = [...this.#holders.values()];
    return {
      alias: this.#input.alias,
      connections: this.#links.size,
      busyChannels: holders.filter((holder) => !holder.idle).length,
      idleChannels: holders.filter((holder) => holder.idle).length,
      queued: this.#waiting.size(),
      reconnects: this.#reconnects,
      ...(this.#connectMs === undefined ? {} : { connectMs: this.#connectMs }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  #pump(): void {
    if (this.#closing) return;
    for (let waiter = this.#waiting.first(); waiter; waiter = this.#waiting.first()) {
      const pooled = this.#linkFor(waiter);
      if (!pooled) break;
      this.#waiting.take(waiter);
      this.#grant(pooled, waiter);
    }
    const now = Date.now();
    const waiting = this.#waiting.size();
    const { channelsPerConnection, maxConnections } = this.#input.settings;
    let start = connectionsToStart({
      uncovered: waiting - reclaimIdle(this.#holders.values(), waiting, now),
      links: [...this.#links].filter(({ link }) => link.usable()).length,
      connecting: this.#generation.connecting,
      channelsPerConnection,
      maxConnections,
      growAfter: this.#revival.growAfter(),
      now,
    });
    while (start-- > 0) this.#connect();
    this.#upkeep(now);
  }

  #linkFor({ options }: Waiter): PooledLink | undefined {
    const limit = this.#input.settings.channelsPerConnection;
    for (const pooled of this.#links) {
      if (!pooled.link.usable()) continue;
      if (options.kind === 'forward' || freeChannels(pooled, limit) > 0) return pooled;
    }
    return undefined;
  }

  #grant(pooled: PooledLink, waiter: Waiter): void {
    const holder = addHolder(pooled, waiter.options, () => {
      this.#holders.delete(holder.lease);
      this.#pump();
    });
    this.#holders.set(holder.lease, holder);
    waiter.resolve(holder.lease);
  }

  #connect(): void {
    const generation = this.#generation;
    const started = performance.now();
    generation.connecting++;
    const attempt = this.#input
      .connect(generation.abort.signal)
      .finally(() => generation.connecting--)
      .then(
        ({ link, stamp }) => {
          this.#connectMs = Math.round(performance.now() - started);
          if (generation === this.#generation) this.#adopt(link, stamp);
          else link.end();
        },
        (error: unknown) => {
          if (generation === this.#generation) this.#failed(error);
        },
      )
      .then(() => {
        this.#attempts.delete(attempt);
        this.#pump();
      });
    this.#attempts.add(attempt);
  }

  #adopt(link: OwnedLink, stamp: string): void {
    if (this.#revival.connected().wasLost) this.#reconnects++;
    this.#lastError = undefined;
    this.#stamp = stamp;
    const pooled: PooledLink = { link, holders: new Set(), idleSince: Date.now() };
    this.#links.add(pooled);
    link.onStarved(() => reclaimIdle(pooled.holders, 1, Date.now()));
    void link.closed.then((error) => this.#lost(pooled, error));
  }

  #failed(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#revival.failed(error, Date.now());
    this.#input.log.debug({ alias: this.#input.alias, reason: this.#lastError }, 'no connection');
    if (this.#links.size === 0 && this.#generation.connecting === 0) this.#waiting.rejectAll(error);
  }

  #lost(pooled: PooledLink, error: Error | undefined): void {
    const unexpected = this.#links.delete(pooled);
    for (const holder of pooled.holders) this.#holders.delete(holder.lease);
    if (unexpected) {
      this.#lastError = lossReason(error);
      this.#revival.lost(Date.now());
      this.#input.log.debug({ alias: this.#input.alias, reason: this.#lastError }, 'connection lost');
    }
    this.#pump();
  }

  #end(pooled: PooledLink): void {
    this.#links.delete(pooled);
    for (const holder of pooled.holders) this.#holders.delete(holder.lease);
    pooled.link.end();
  }

  /** Closes idle connections, brings a lost one back, and sets the one timer of this host. */
  #upkeep(now: number): void {
    clearTimeout(this.#timer);
    const { minConnections, idleTimeoutMs } = this.#input.settings;
    const { close, nextAt } = idleUpkeep({ links: this.#links, minConnections, idleTimeoutMs, now });
    for (const pooled of close) this.#end(pooled);
    const due = [nextAt, this.#reviveIfDue(now)];
    if (this.#waiting.size() > 0) due.push(now + RECLAIM_PATIENCE_MS);
    const at = Math.min(...due);
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, at - now));
    this.#timer.unref();
  }

  /** Only as many as the minimum, and only for a host that was used lately. */
  #reviveIfDue(now: number): number {
    const { minConnections, idleTimeoutMs } = this.#input.settings;
    const missing = minConnections - this.#links.size - this.#generation.connecting;
    if (missing <= 0 || now - this.#lastUsed > idleTimeoutMs) return Number.POSITIVE_INFINITY;
    const due = this.#revival.dueAt();
    if (due > now) return due;
    this.#connect();
    return Number.POSITIVE_INFINITY;
  }
}
