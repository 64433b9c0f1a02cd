import { randomBytes } from 'node:crypto';
import type { Logger } from '@flotilla/core';
import {
  type Consumer,
  checkTicket,
  type DriverHealth,
  type LeaseKeeper,
  noLeases,
  type Settlement,
  type Ticket,
  type TicketCounts,
  type TicketDriver,
  type TicketInfo,
} from '@flotilla/jobs/driver';
import type { Redis } from 'ioredis';
import { openSubscriber } from './connections.ts';
import { queueFailure } from './failures.ts';
import { type Seen, toHealth } from './health.ts';
import { Holdings } from './holdings.ts';
import { type FleetKeys, fleetKeys } from './keys.ts';
import { LaneConsumer } from './lane-consumer.ts';
import { Lanes } from './lanes.ts';
import { RedisLink } from './link.ts';
import { CANCEL_JSON } from './scripts.ts';
import { checkServer } from './server-check.ts';
import { parseRedisUrl } from './target.ts';
import { missingTickets } from './tickets-missing.ts';

export interface BullmqDriverOptions {
  /** `redis://` or `rediss://`; see parseRedisUrl. */
  url: string;
  /** Comes before the one in the URL. */
  password?: string;
  /** Tells the tickets of one state file from those of others in the same Redis. */
  fleet: string;
  /** Of the state file of this process; without one `exclusively` is UNSUPPORTED. */
  leases?: LeaseKeeper;
  /** Silence after which what a process holds is given to others. Default 30,000. */
  leaseMs?: number;
  /** How often silent holders are looked for. Default 10,000. */
  checkMs?: number;
  /** Letters, digits, `-` and `_`. */
  processId?: string;
  log?: Logger;
}

const PATIENCE_MS = 5_000;
const CHECK_SERVER_MS = 60_000;
const CLOSE_MS = 2_000;

/** Tickets as jobs of BullMQ in a Redis: for any number of processes on any number of machines. */
export class BullmqDriver implements TicketDriver {
  readonly sharesStore = false;
  readonly #options: BullmqDriverOptions;
  readonly #processId: string;
  readonly #leaseMs: number;
  readonly #checkMs: number;
  readonly #keys: FleetKeys;
  readonly #link: RedisLink;
  readonly #lanes: Lanes;
  readonly #holdings: Holdings;
  readonly #leases: LeaseKeeper;
  readonly #consumers = new Map<string, LaneConsumer>();
  /** Processes whose end is certain and that Redis was not told of yet. */
  readonly #ended = new Set<string>();
  readonly #recovered: (() => void)[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #seen: Seen = {
    facts: undefined,
    counts: undefined,
    processes: 0,
    generation: '',
    emptiedAt: undefined,
  };
  #checkedAt = Number.NEGATIVE_INFINITY;
  #beating = false;
  /** Messages may have been missed: what is held is looked at in so many beats. */
  #looksForCancels = 0;
  #wasUp = false;
  #subscriber: Redis | undefined;

  constructor(options: BullmqDriverOptions) {
    const { leaseMs = 30_000, checkMs = 10_000 } = options;
    this.#options = options;
    this.#processId = options.processId ?? options.leases?.processId ?? randomBytes(9).toString('base64url');
    // Redis takes whole milliseconds.
    this.#leaseMs = Math.ceil(leaseMs);
    this.#checkMs = Math.ceil(checkMs);
    this.#keys = fleetKeys(options.fleet);
    this.#leases = options.leases ?? noLeases;
    const target = parseRedisUrl(options.url, options.password);
    this.#link = new RedisLink(target, () => this.#arrive());
    const shared = {
      link: this.#link,
      keys: this.#keys,
      processId: this.#processId,
      leaseMs: this.#leaseMs,
    };
    this.#lanes = new Lanes({ ...shared, checkMs: this.#checkMs });
    this.#holdings = new Holdings({ ...shared, generation: () => this.#seen.generation });
  }

  async open(): Promise<void> {
    await this.#leases.open((ids) => {
      for (const id of ids) this.#ended.add(id);
      void this.#giveBackOfEnded();
    });
    await this.#link.open(PATIENCE_MS);
    const { trouble } = this.#link;
    if (trouble) this.#options.log?.warn({ redis: this.#link.target.name, cause: trouble.why }, AWAY);
    this.#every(Math.min(this.#leaseMs / 4, 2_000), () => this.#beat());
    this.#every(this.#checkMs / 2, () => this.#lookForStalled());
  }

  async close(options: { drain?: boolean } = {}): Promise<void> {
    const consumers = [...this.#consumers.values()];
    await Promise.all(consumers.map((consumer) => consumer.close()));
    if (options.drain) await Promise.all(consumers.map((consumer) => consumer.drain()));
    for (const timer of this.#timers) clearInterval(timer);
    const left = this.#leave();
    if (this.#link.up) await left;
    this.#subscriber?.disconnect();
    this.#link.close();
    await this.#leases.close();
  }

  async #leave(): Promise<void> {
    const left = Promise.all([
      this.#holdings.release(),
      this.#link.redis.zrem(this.#keys.peers, this.#processId),
    ]).catch(() => undefined);
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
  }

  health(): DriverHealth {
    return toHealth(this.#link, this.#seen);
  }

  onRecovered(listener: () => void): void {
    this.#recovered.push(listener);
  }

  enqueue(ticket: Ticket): Promise<'added' | 'exists'> {
    return this.#ask(async () => {
      checkTicket(ticket);
      const queue = await this.#lanes.announce(ticket.lane);
      return (await queue.add(ticket)) ? 'added' : 'exists';
    });
  }

  enqueueMany(tickets: readonly Ticket[]): Promise<('added' | 'exists')[]> {
    return Promise.all(tickets.map((ticket) => this.enqueue(ticket)));
  }

  withdraw(id: string): Promise<'gone' | 'held' | 'unknown'> {
    return this.#ask(async () => (await (await this.#lanes.find(id))?.withdraw(id)) ?? 'unknown');
  }

  consume(lane: string, consumer: Consumer): void {
    if (this.#consumers.has(lane)) return;
    checkTicket({ id: 'any', lane });
    this.#subscribe();
    this.#consumers.set(
      lane,
      new LaneConsumer(this.#lanes.queue(lane), consumer, {
        link: this.#link,
        holdings: this.#holdings,
        processId: this.#processId,
      }),
    );
  }

  cancel(id: string): Promise<boolean> {
    return this.#ask(async () => {
      const queues = await this.#lanes.all();
      const { redis } = this.#link;
      const told = await Promise.all(
        queues.map((queue) =>
          redis.flotillaCancel(queue.ticketKey(id), this.#keys.held(id), CANCEL_JSON, this.#keys.cancels, id),
        ),
      );
      if (told.includes(1)) this.#holdings.cancelHeld(id);
      return told.includes(1);
    });
  }

  settle(id: string, fence: number, settlement: Settlement): Promise<boolean> {
    return this.#holdings.settle(id, fence, settlement);
  }

  pause(lane: string): Promise<void> {
    return this.#ask(async () => (await this.#lanes.announce(lane)).pause(true));
  }

  resume(lane: string): Promise<void> {
    return this.#ask(async () => (await this.#lanes.announce(lane)).pause(false));
  }

  inspect(id: string): Promise<TicketInfo | undefined> {
    return this.#ask(async () => (await this.#lanes.find(id))?.info(id));
  }

  counts(lane?: string): Promise<TicketCounts> {
    return this.#ask(async () => {
      const queues = lane === undefined ? await this.#lanes.all() : [this.#lanes.queue(lane)];
      const counts = await Promise.all(queues.map((queue) => queue.count()));
      return counts.reduce(
        (a, b) => ({
          waiting: a.waiting + b.waiting,
          delayed: a.delayed + b.delayed,
          held: a.held + b.held,
        }),
        { waiting: 0, delayed: 0, held: 0 },
      );
    });
  }

  missing(tickets: readonly Pick<Ticket, 'id' | 'lane'>[]): Promise<string[]> {
    return this.#ask(() => missingTickets(this.#link, this.#lanes, this.#keys, tickets));
  }

  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return this.#leases.exclusively(name, work);
  }

  /** Does what needs Redis. STORAGE_FULL, SERVER_UNAVAILABLE. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw queueFailure(error, this.#link.target.name);
    }
  }

  /** The first and every later connect. */
  async #arrive(): Promise<void> {
    const { log } = this.#options;
    const { trouble } = this.#link;
    const before = this.#seen.facts?.warnings.join('\n');
    this.#seen.facts = await checkServer(this.#link.redis);
    this.#checkedAt = performance.now();
    const { server, warnings } = this.#seen.facts;
    if (!this.#wasUp || warnings.join('\n') !== before)
      for (const warning of warnings) log?.warn({ redis: this.#link.target.name }, warning);
    const emptied = await this.#compareGeneration();
    await this.#holdings.renew();
    await this.#giveBackOfEnded();
    const again = this.#wasUp;
    this.#wasUp = true;
    if (again) log?.info({ redis: this.#link.target.name, away: trouble?.since }, `${server} is there again`);
    if (again || emptied) this.#tellRecovered();
  }

  async #beat(): Promise<void> {
    const { redis, clock, up } = this.#link;
    if (!up || this.#beating) return;
    this.#beating = true;
    try {
      await clock.look(redis);
      if (await this.#compareGeneration()) this.#tellRecovered();
      await this.#holdings.renew();
      if (this.#looksForCancels > 0) {
        await this.#holdings.lookForCancels();
        this.#looksForCancels--;
      }
      await this.#count();
      if (performance.now() - this.#checkedAt > CHECK_SERVER_MS) {
        this.#checkedAt = performance.now();
        this.#seen.facts = await checkServer(redis);
      }
    } catch (error) {
      if (error instanceof Error && /timed out/i.test(error.message)) this.#link.renew();
    } finally {
      this.#beating = false;
    }
  }

  async #count(): Promise<void> {
    const { redis, clock } = this.#link;
    const { peers } = this.#keys;
    const now = clock.now();
    if (this.#consumers.size > 0) await redis.zadd(peers, now, this.#processId);
    await redis.zremrangebyscore(peers, '-inf', now - 2 * this.#leaseMs);
    this.#seen.processes = await redis.zcard(peers);
    this.#seen.counts = await this.counts();
  }

  /** Whether Redis lost its data since we last looked. */
  async #compareGeneration(): Promise<boolean> {
    const { redis } = this.#link;
    await redis.set(this.#keys.generation, randomBytes(9).toString('base64url'), 'NX');
    const found = (await redis.get(this.#keys.generation)) ?? '';
    const before = this.#seen.generation;
    this.#seen.generation = found;
    if (before === found) return false;
    await this.#lanes.announceAgain();
    if (before === '') return false;
    this.#seen.emptiedAt = Date.now();
    this.#options.log?.warn(
      { redis: this.#link.target.name },
      'Redis lost its data; what waited is queued again',
    );
    return true;
  }

  /** What they held need not wait until its lease is over. When this fails, it does. */
  async #giveBackOfEnded(): Promise<void> {
    const { redis } = this.#link;
    if (this.#ended.size === 0 || redis.status !== 'ready') return;
    const ended = [...this.#ended];
    try {
      for (const queue of await this.#lanes.all()) await queue.giveBackOf(ended);
      await redis.zrem(this.#keys.peers, ...ended);
      for (const id of ended) this.#ended.delete(id);
    } catch (error) {
      this.#options.log?.debug({ err: error }, 'what an ended process held is free when its lease is over');
    }
  }

  #tellRecovered(): void {
    for (const listener of this.#recovered) listener();
  }

  async #lookForStalled(): Promise<void> {
    if (!this.#link.up) return;
    for (const { queue } of this.#consumers.values()) {
      try {
        await queue.moveStalledJobsToWait();
      } catch (error) {
        if (this.#link.up)
          this.#options.log?.warn({ err: error, lane: queue.lane }, 'silent holders are looked for later');
      }
    }
  }

  #subscribe(): void {
    if (this.#subscriber) return;
    const subscriber = openSubscriber(this.#link.target);
    this.#subscriber = subscriber;
    subscriber.on('message', (_channel, id: string) => this.#holdings.cancel(id));
    subscriber.on('ready', () => {
      this.#looksForCancels = 2;
    });
    subscriber.subscribe(this.#keys.cancels).catch(() => undefined);
  }

  #every(ms: number, work: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void work(), ms).unref());
  }
}

const AWAY =
  'The Redis of the queue does not answer; it is tried again, and nothing can be queued until then';
