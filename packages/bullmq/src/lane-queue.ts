import type { Settlement, Ticket, TicketCounts, TicketInfo } from '@flotilla/jobs/driver';
import { type JobJson, type MinimalJob, QueueKeys, RedisQueueBackend } from 'bullmq';
import { notOurs } from './failures.ts';
import type { RedisLink } from './link.ts';
import { decode, encode, fromJob, newNonce, type TicketJob, toJob, toJobId } from './ticket-job.ts';

export interface LaneOptions {
  /** Prefix of all lanes. */
  prefix: string;
  lane: string;
  processId: string;
  leaseMs: number;
  checkMs: number;
}

/** Events that nobody of ours reads; a dashboard may. */
const EVENTS_KEPT = 1000;
/** Every stalled ticket is delivered again; how often is the engine's affair. */
const ALWAYS = 1_000_000;
/** BullMQ hands the time to its script `moveToActive` after 11 keys and the prefix. */
const TIME_OF_TAKE = 12;

/** What this process does in one BullMQ queue. All times are those of the clock of Redis. */
export class LaneQueue extends RedisQueueBackend {
  readonly lane: string;
  readonly #link: RedisLink;
  readonly #options: LaneOptions;

  constructor(link: RedisLink, options: LaneOptions) {
    const { prefix, lane, leaseMs, checkMs } = options;
    const names = new QueueKeys(prefix);
    const settings = {
      connection: {},
      prefix,
      lockDuration: leaseMs,
      stalledInterval: checkMs,
      maxStalledCount: ALWAYS,
    };
    super(
      link.connection,
      lane,
      names.getKeys(lane),
      (type) => names.toKey(lane, type),
      settings,
      undefined,
      false,
    );
    this.lane = lane;
    this.#link = link;
    this.#options = options;
  }

  override execCommand(...[client, name, args]: Parameters<RedisQueueBackend['execCommand']>): unknown {
    if (name === 'moveToActive') args[TIME_OF_TAKE] = this.#link.clock.now();
    return super.execCommand(client, name, args);
  }

  /** Of the hash of a ticket. */
  ticketKey(id: string): string {
    return this.toKey(toJobId(id));
  }

  lockKey(id: string): string {
    return `${this.ticketKey(id)}:lock`;
  }

  /** False: there is a ticket of this id. */
  async add(ticket: Ticket): Promise<boolean> {
    const nonce = newNonce();
    const job = toJob(ticket, nonce, this.#link.clock.now());
    await this.addJob(job, job.id);
    const stored = await this.#link.redis.hget(this.ticketKey(ticket.id), 'data');
    // Nothing there: it was delivered and settled before we looked.
    return stored === null || decode(stored).nonce === nonce;
  }

  /** The next ticket for `token`, or when the next one will be due. */
  async take(token: string): Promise<{ job?: TicketJob; dueAt?: number }> {
    const [job, id, , dueAt] = (await this.moveToActive(token, this.#options.processId)) as [
      JobJson | null,
      string,
      number,
      number,
    ];
    if (job) return { job: fromJob(job, id, this.lane) };
    return dueAt > 0 ? { dueAt } : {};
  }

  /** What becomes of a ticket that `token` holds; fails with a code of bullmq when it does not. */
  async end(job: TicketJob, token: string, settlement: Settlement): Promise<void> {
    const id = toJobId(job.ticket.id);
    if (settlement === 'done') {
      const done = { id, opts: {} } as MinimalJob;
      await this.moveToCompleted(done, null, true, token, false);
    } else if (settlement === 'elsewhere') {
      await this.moveJobFromActiveToWait(id, token);
    } else {
      await this.putOff(job, token, settlement.requeueAt);
    }
  }

  async putOff(job: TicketJob, token: string, until: number, elsewhere = false): Promise<void> {
    const id = toJobId(job.ticket.id);
    const now = this.#link.clock.now();
    const data = {
      nonce: job.data.nonce,
      notBefore: elsewhere ? job.data.notBefore : until,
      ...(elsewhere && { elsewhere: true as const }),
    };
    if (until <= now) {
      await this.moveJobFromActiveToWait(id, token);
      return;
    }
    await this.moveToDelayed(id, now, until - now, token, {
      skipAttempt: true,
      fieldsToUpdate: { data: encode(data) },
    });
  }

  /** Keeps what is held for another lease; returns the ids of those that are not held any more. */
  async extend(held: readonly { id: string; token: string }[]): Promise<Set<string>> {
    const refused = await this.extendLocks(
      held.map(({ id }) => toJobId(id)),
      held.map(({ token }) => token),
      this.#options.leaseMs,
    );
    return new Set(held.map(({ id }) => id).filter((id) => refused.includes(toJobId(id))));
  }

  /** Gives back what these processes hold, as they would have done at an orderly end. */
  async giveBackOf(processes: readonly string[]): Promise<void> {
    const { redis } = this.#link;
    for (const jobId of await redis.lrange(this.toKey('active'), 0, -1)) {
      const token = await redis.get(`${this.toKey(jobId)}:lock`);
      if (token === null || !processes.includes(token.split(':')[0] ?? '')) continue;
      await this.moveJobFromActiveToWait(jobId, token).catch((error: unknown) => {
        if (notOurs(error) === undefined) throw error;
      });
      // BullMQ wakes nobody for it.
      await redis.zadd(this.toKey('marker'), 0, '0');
    }
  }

  /** Takes a lock back that ran out while nobody else took the ticket: scripts.ts. */
  keep(id: string, token: string, fence: number): Promise<1 | 0 | -1> {
    const { redis } = this.#link;
    return redis.flotillaKeep(
      this.ticketKey(id),
      this.lockKey(id),
      this.toKey('active'),
      this.toKey('stalled'),
      token,
      fence,
      toJobId(id),
      this.#options.leaseMs,
    );
  }

  /** Waits until there may be a ticket. `redis` is a connection of this call alone. */
  async wait(redis: { bzpopmin(key: string, seconds: number): Promise<unknown> }, ms: number): Promise<void> {
    await redis.bzpopmin(this.toKey('marker'), ms / 1000);
  }

  async info(id: string): Promise<TicketInfo | undefined> {
    const jobId = toJobId(id);
    const [json, lock, state] = await Promise.all([
      this.getJobData(jobId),
      this.#link.redis.get(this.lockKey(id)),
      this.getState(jobId),
    ]);
    if (!json) return undefined;
    const job = fromJob(json, jobId, this.lane);
    const off = state === 'delayed' && job.data.elsewhere !== true;
    return {
      ticket: job.ticket,
      state: state === 'active' ? 'held' : off ? 'delayed' : 'waiting',
      fence: job.fence,
      ...(lock !== null && { holder: lock.split(':')[0] ?? lock }),
      cancelRequested: job.cancelled,
    };
  }

  async count(): Promise<TicketCounts> {
    const [wait = 0, ranked = 0, delayed = 0, held = 0] = (await this.getCounts([
      'wait',
      'prioritized',
      'delayed',
      'active',
    ])) as number[];
    return { waiting: wait + ranked, delayed, held };
  }

  async withdraw(id: string): Promise<'gone' | 'held'> {
    const jobId = toJobId(id);
    if ((await this.getState(jobId)) === 'active') return 'held';
    return (await this.remove(jobId, false)) === 1 ? 'gone' : 'held';
  }

  /** Before the first ticket, and again when Redis lost it. */
  async prepare(): Promise<void> {
    await this.#link.redis.hset(this.toKey('meta'), 'opts.maxLenEvents', EVENTS_KEPT);
  }
}
