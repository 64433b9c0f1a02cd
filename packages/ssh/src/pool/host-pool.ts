import { FlotillaError, type Logger } from '@flotilla/core';
import { connectionFailed } from '../connect/failures.ts';
import type { OwnedLink } from '../connect/ssh-link.ts';
import type { ChannelLease, LeaseOptions, LinkStats } from '../links.ts';
import { backoffMs } from './backoff.ts';
import { freeChannels, grantLease, type Holder, type PooledLink } from './pooled-link.ts';
import type { LinkSettings } from './settings.ts';
import { type Waiter, waitingList } from './waiting-list.ts';

export interface HostPoolInput {
  target: { alias: string; host: string; port: number };
  settings: LinkSettings;
  log: Logger;
  connect(): Promise<{ link: OwnedLink; stamp: string }>;
}

/** All connections of one host and those who wait for a channel. */
export class HostPool {
  readonly #input: HostPoolInput;
  readonly #links = new Set<PooledLink>();
  readonly #waiting = waitingList();
  readonly #byLease = new Map<ChannelLease, Holder>();
  #stamp = '';
  #connecting = 0;
  #failures = 0;
  #growAfter = 0;
  #lastUsed = 0;
  #reconnects = 0;
  #connectMs: number | undefined;
  #lastError: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(input: HostPoolInput) {
    this.#input = input;
  }

  /** `stamp` identifies the record that the caller knows: links made from another one are dropped. */
  lease(stamp: string, options: LeaseOptions = {}): Promise<ChannelLease> {
    if (options.signal?.aborted) return Promise.reject(cancelled(this.#input.target.alias));
    if (this.#closed) return Promise.reject(connectionFailed(this.#input.target, 'closed'));
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#dropWhere((pooled) => pooled.stamp !== stamp);
    }
    this.#lastUsed = Date.now();
    return new Promise((resolve, reject) => {
      this.#waiting.add({ options, resolve, reject }, () => cancelled(this.#input.target.alias));
      this.#pump();
    });
  }

  setIdle(lease: ChannelLease, idle: boolean): void {
    const holder = this.#byLease.get(lease);
    if (!holder) return;
    holder.idle = idle;
    holder.reclaimedAt = 0;
    this.#pump();
  }

  /** Closes every connection; waiting callers get a new one. */
  drop(): void {
    this.#dropWhere(() => true);
  }

  close(error: Error): Promise<unknown> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.rejectAll(error);
    const gone = [...this.#links].map((pooled) => pooled.link.closed);
    this.drop();
    return Promise.all(gone);
  }

  stats(): LinkStats {
    const holders = [...this.#links].flatMap((pooled) => [...pooled.holders]);
    return {
      alias: this.#input.target.alias,
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
    if (this.#closed) return;
    for (let waiter = this.#waiting.first(); waiter; waiter = this.#waiting.first()) {
      const pooled = this.#choose(waiter);
      if (!pooled) break;
      this.#waiting.take(waiter);
      this.#grant(pooled, waiter);
    }
    const uncovered = this.#waiting.size() - this.#reclaim(this.#waiting.size());
    this.#grow(uncovered);
    this.#schedule();
  }

  #choose({ options }: Waiter): PooledLink | undefined {
    const links = [...this.#links];
    if (options.kind === 'forward') return links[0];
    return links.find((pooled) => freeChannels(pooled, this.#input.settings.channelsPerConnection) > 0);
  }

  #grant(pooled: PooledLink, waiter: Waiter): void {
    const holder = grantLease(pooled, waiter.options, () => {
      this.#byLease.delete(holder.lease);
      if (pooled.holders.size === 0) pooled.idleSince = Date.now();
      this.#pump();
    });
    this.#byLease.set(holder.lease, holder);
    waiter.resolve(holder.lease);
  }

  /** Asks idle holders to give their channel back; returns how many were asked lately. */
  #reclaim(wanted: number): number {
    const now = Date.now();
    let asked = 0;
    for (const holder of this.#byLease.values()) {
      if (asked >= wanted) break;
      if (!holder.idle || !holder.reclaim) continue;
      if (holder.reclaimedAt === 0) {
        holder.reclaimedAt = now;
        const { reclaim } = holder;
        queueMicrotask(reclaim);
      }
      if (now - holder.reclaimedAt < RECLAIM_PATIENCE_MS) asked++;
    }
    return asked;
  }

  #grow(uncovered: number): void {
    const { maxConnections, channelsPerConnection } = this.#input.settings;
    if (uncovered <= 0) return;
    if (this.#links.size === 0) {
      if (this.#connecting === 0) this.#connect();
      return;
    }
    if (Date.now() < this.#growAfter) return;
    const wanted = Math.ceil(uncovered / channelsPerConnection);
    const room = maxConnections - this.#links.size;
    while (this.#connecting < Math.min(wanted, room)) this.#connect();
  }

  #connect(): void {
    this.#connecting++;
    const started = Date.now();
    this.#input.connect().then(
      ({ link, stamp }) => {
        this.#connecting--;
        this.#connectMs = Date.now() - started;
        this.#adopt(link, stamp);
      },
      (error: unknown) => {
        this.#connecting--;
        this.#connectFailed(error);
      },
    );
  }

  #adopt(link: OwnedLink, stamp: string): void {
    if (this.#closed) {
      link.end();
      return;
    }
    if (this.#failures > 0 || this.#lastError !== undefined) this.#reconnects++;
    this.#failures = 0;
    this.#lastError = undefined;
    const pooled: PooledLink = { link, stamp, holders: new Set(), idleSince: Date.now() };
    this.#links.add(pooled);
    void link.closed.then((error) => this.#lost(pooled, error));
    this.#stamp = stamp;
    this.#pump();
  }

  #connectFailed(error: unknown): void {
    this.#failures++;
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#growAfter = Date.now() + backoffMs(this.#failures);
    if (this.#links.size === 0 && this.#connecting === 0) this.#waiting.rejectAll(error);
    this.#pump();
  }

  #lost(pooled: PooledLink, error: Error | undefined): void {
    this.#links.delete(pooled);
    for (const holder of pooled.holders) this.#byLease.delete(holder.lease);
    if (!pooled.ended) {
      this.#lastError = error?.message ?? 'the connection was closed by the host';
      this.#growAfter = Date.now() + backoffMs(1);
    }
    this.#pump();
  }

  #dropWhere(chosen: (pooled: PooledLink) => boolean): void {
    for (const pooled of [...this.#links]) {
      if (!chosen(pooled)) continue;
      pooled.ended = true;
      this.#links.delete(pooled);
      pooled.link.end();
    }
  }

  /** One timer per host: closes idle connections, keeps the minimum, grows after a pause. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const { idleTimeoutMs, minConnections } = this.#input.settings;
    const now = Date.now();
    const dues: number[] = [];
    if (this.#waiting.size() > 0) dues.push(now + RECLAIM_PATIENCE_MS);
    if (this.#links.size > minConnections)
      for (const pooled of this.#links) {
        if (![...pooled.holders].every((holder) => holder.idle)) continue;
        const due = pooled.idleSince + idleTimeoutMs;
        if (due > now || this.#links.size <= minConnections) dues.push(due);
        else this.#dropWhere((other) => other === pooled);
      }
    const used = now - this.#lastUsed < idleTimeoutMs;
    if (this.#links.size + this.#connecting < minConnections && used && this.#failures < 8) {
      if (this.#growAfter <= now && this.#lastError !== undefined) this.#connect();
      else if (this.#lastError !== undefined) dues.push(this.#growAfter);
    }
    if (dues.length === 0) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, Math.min(...dues) - now));
    this.#timer.unref();
  }
}

const RECLAIM_PATIENCE_MS = 2_000;

function cancelled(alias: string): FlotillaError {
  return new FlotillaError('CANCELLED', `Waiting for a connection to ${alias} was cancelled.`);
}
