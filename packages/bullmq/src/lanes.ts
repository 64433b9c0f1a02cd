import type { FleetKeys } from './keys.ts';
import { LaneQueue } from './lane-queue.ts';
import type { RedisLink } from './link.ts';

interface LanesOptions {
  link: RedisLink;
  keys: FleetKeys;
  processId: string;
  leaseMs: number;
  checkMs: number;
}

/** The queues of a fleet, one per lane. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #queues = new Map<string, LaneQueue>();
  /** Those that Redis knows of. */
  readonly #announced = new Set<string>();

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  queue(lane: string): LaneQueue {
    let queue = this.#queues.get(lane);
    if (!queue) {
      const { link, keys, ...rest } = this.#options;
      queue = new LaneQueue(link, { ...rest, lane, prefix: keys.queues });
      this.#queues.set(lane, queue);
    }
    return queue;
  }

  /** Makes a lane known to every process of the fleet. */
  async announce(lane: string): Promise<LaneQueue> {
    const queue = this.queue(lane);
    if (!this.#announced.has(lane)) {
      const { link, keys } = this.#options;
      await Promise.all([link.redis.sadd(keys.lanes, lane), queue.prepare()]);
      this.#announced.add(lane);
    }
    return queue;
  }

  /** Redis lost everything. */
  async announceAgain(): Promise<void> {
    this.#announced.clear();
    await Promise.all([...this.#queues.keys()].map((lane) => this.announce(lane)));
  }

  async all(): Promise<LaneQueue[]> {
    const { link, keys } = this.#options;
    const names = await link.redis.smembers(keys.lanes);
    return names.map((lane) => this.queue(lane));
  }

  /** The lane that holds this ticket. */
  async find(id: string): Promise<LaneQueue | undefined> {
    const { redis } = this.#options.link;
    const queues = await this.all();
    const found = await Promise.all(queues.map((queue) => redis.exists(queue.ticketKey(id))));
    return queues[found.indexOf(1)];
  }
}
