import { type Consumer, type Settlement, settlementOf } from '@flotilla/jobs/driver';
import type { Redis } from 'ioredis';
import { openWaiting } from './connections.ts';
import type { Holding, Holdings } from './holdings.ts';
import type { LaneQueue } from './lane-queue.ts';
import type { RedisLink } from './link.ts';
import type { TicketJob } from './ticket-job.ts';

const LONGEST_WAIT_MS = 5_000;
const GRACE_MS = 2_000;
const AFTER_FAILURE_MS = 250;
const AVOID_MS = 5_000;
const FIRST_REST_MS = 200;
const FORGET_MS = 60_000;

interface LaneContext {
  link: RedisLink;
  holdings: Holdings;
  processId: string;
}

/** Takes the tickets of one lane in this process, one after another while places are free. */
export class LaneConsumer {
  readonly queue: LaneQueue;
  readonly #consumer: Consumer;
  readonly #context: LaneContext;
  readonly #waiting: Redis;
  readonly #working = new Set<Promise<void>>();
  /** Tickets left to others: until when (monotonic), and how long they rest when they come here meanwhile. */
  readonly #avoided = new Map<string, { until: number; restMs: number }>();
  readonly #ended: Promise<void>;
  readonly #closing: Promise<void>;
  #close: () => void = () => undefined;
  #busy = 0;
  #taken = 0;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(queue: LaneQueue, consumer: Consumer, context: LaneContext) {
    this.queue = queue;
    this.#consumer = consumer;
    this.#context = context;
    this.#waiting = openWaiting(context.link.target);
    this.#closing = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#ended = this.#run();
  }

  /** Takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#close();
    this.#wake();
    this.#waiting.disconnect();
    await this.#ended;
  }

  async drain(): Promise<void> {
    await Promise.all(this.#working);
  }

  async #run(): Promise<void> {
    const { link } = this.#context;
    while (!this.#closed) {
      try {
        await Promise.race([link.whenUp(), this.#closing]);
        if (this.#closed) return;
        if (this.#busy >= this.#consumer.concurrency) await this.#place();
        else await this.#takeOne();
      } catch {
        // Told by the link's health; it is tried again.
        await this.#pause(AFTER_FAILURE_MS);
      }
    }
  }

  async #takeOne(): Promise<void> {
    const { link, processId } = this.#context;
    const token = `${processId}:${++this.#taken}`;
    const { job, dueAt } = await this.queue.take(token);
    if (job) return this.#accept(job, token);
    if (this.#closed) return;
    const ms = dueAt === undefined ? LONGEST_WAIT_MS : Math.min(dueAt - link.clock.now(), LONGEST_WAIT_MS);
    if (ms > 0) await this.#wait(Math.max(ms, 2));
  }

  async #accept(job: TicketJob, token: string): Promise<void> {
    const { id } = job.ticket;
    if (this.#closed) return this.queue.end(job, token, 'elsewhere');
    const restMs = this.#restOf(id);
    if (restMs > 0) {
      const until = this.#context.link.clock.now() + restMs;
      return this.queue.putOff(job, token, until, true);
    }
    this.#busy++;
    const holding = this.#context.holdings.add(this.queue, job, token);
    const work = this.#work(holding).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(holding: Holding): Promise<void> {
    const settlement: Settlement = await settlementOf(this.#consumer.handler(holding.held.delivery));
    if (settlement === 'elsewhere') this.#avoid(holding.job.ticket.id);
    await this.#context.holdings.finish(holding, settlement);
    this.#busy--;
    this.#wake();
  }

  #avoid(id: string): void {
    const restMs = Math.min(2 * (this.#avoided.get(id)?.restMs ?? FIRST_REST_MS / 2), AVOID_MS);
    this.#avoided.set(id, { until: performance.now() + AVOID_MS, restMs });
  }

  /** 0: not avoided. Nobody may come for hours: the rests grow, and with them what others wait at most. */
  #restOf(id: string): number {
    const now = performance.now();
    for (const [other, { until }] of this.#avoided) if (until + FORGET_MS <= now) this.#avoided.delete(other);
    const avoided = this.#avoided.get(id);
    if (!avoided || avoided.until <= now) return 0;
    const { restMs } = avoided;
    avoided.restMs = Math.min(2 * restMs, AVOID_MS);
    return Math.ceil(restMs * (0.5 + Math.random() / 2));
  }

  /** Until there may be a ticket. A connection that does not even answer in time is made anew. */
  async #wait(ms: number): Promise<void> {
    if (this.#waiting.status === 'wait' || this.#waiting.status === 'end') await this.#waiting.connect();
    if (this.#waiting.status !== 'ready') return this.#pause(50);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<'silent'>((resolve) => {
      timer = setTimeout(resolve, ms + GRACE_MS, 'silent');
    });
    const answer = this.queue.wait(this.#waiting, ms).catch(() => this.#pause(50));
    const ended = await Promise.race([answer, silence]);
    clearTimeout(timer);
    if (ended === 'silent' && !this.#closed) this.#waiting.disconnect(true);
  }

  #place(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
