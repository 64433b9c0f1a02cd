import { HeldTicket, type Settlement } from '@flotilla/jobs/driver';
import { notOurs } from './failures.ts';
import type { FleetKeys } from './keys.ts';
import type { LaneQueue } from './lane-queue.ts';
import type { RedisLink } from './link.ts';
import type { TicketJob } from './ticket-job.ts';

export interface Holding {
  readonly held: HeldTicket;
  readonly job: TicketJob;
  readonly queue: LaneQueue;
  readonly token: string;
  /** The generation of Redis's data it was delivered in. */
  generation: string;
  /** Redis lost the ticket while we hold it: we work on, and say so there. */
  orphan: boolean;
  /** What Redis could not be told yet. */
  owed: Settlement | undefined;
}

interface HoldingsOptions {
  link: RedisLink;
  keys: FleetKeys;
  processId: string;
  leaseMs: number;
  generation(): string;
}

const LATELY_MS = 10_000;

/** The tickets that this process holds, and how it keeps, ends and loses them. */
export class Holdings {
  readonly #options: HoldingsOptions;
  readonly #held = new Map<string, Holding>();
  /** Cancels that came before their ticket did, and when (monotonic). */
  readonly #cancelled = new Map<string, number>();

  constructor(options: HoldingsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  add(queue: LaneQueue, job: TicketJob, token: string): Holding {
    const { id } = job.ticket;
    const holding: Holding = {
      held: new HeldTicket(job.ticket, job.fence, true, () => this.#touch(holding)),
      job,
      queue,
      token,
      generation: this.#options.generation(),
      orphan: false,
      owed: undefined,
    };
    const before = this.#held.get(id);
    if (before) this.#lose(before, 'lost');
    this.#held.set(id, holding);
    if (job.cancelled || this.#cancelled.delete(id)) holding.held.cancel();
    return holding;
  }

  cancel(id: string): void {
    const now = performance.now();
    for (const [other, at] of this.#cancelled) if (now - at > LATELY_MS) this.#cancelled.delete(other);
    const holding = this.#held.get(id);
    if (holding) holding.held.cancel();
    else this.#cancelled.set(id, now);
  }

  /** Without a message: it was asked for in this process. */
  cancelHeld(id: string): void {
    this.#held.get(id)?.held.cancel();
  }

  /** Looks for cancels of what is held, e.g. after messages may have been missed. */
  async lookForCancels(): Promise<void> {
    await Promise.all(
      [...this.#held.values()].map(async ({ queue, held }) => {
        const { id } = held.delivery.ticket;
        const info = await queue.info(id);
        if (info?.cancelRequested) held.cancel();
      }),
    );
  }

  async settle(id: string, fence: number, settlement: Settlement): Promise<boolean> {
    const holding = this.#held.get(id);
    if (!holding || holding.held.lost || holding.held.settled || holding.held.delivery.fence !== fence)
      return false;
    return this.#end(holding, settlement);
  }

  /** The end of the handler's work: settles what it did not settle itself. */
  async finish(holding: Holding, settlement: Settlement): Promise<void> {
    const { held } = holding;
    if (!held.lost && !held.settled && holding.owed === undefined) {
      await this.#end(holding, settlement).catch(() => false);
    }
  }

  /** Keeps everything for another lease, and tells Redis what it could not be told before. */
  async renew(): Promise<void> {
    for (const holding of this.#held.values()) {
      if (holding.owed !== undefined) await this.#end(holding, holding.owed);
    }
    const byQueue = Map.groupBy(this.#held.values(), (holding) => holding.queue);
    for (const [queue, holdings] of byQueue) {
      const refused = await queue.extend(
        holdings.map(({ held, token }) => ({ id: held.delivery.ticket.id, token })),
      );
      for (const holding of holdings) {
        if (refused.has(holding.held.delivery.ticket.id)) await this.#keep(holding);
      }
    }
  }

  /** Lets everything go; it is delivered to others at once when Redis can be told. */
  async release(): Promise<void> {
    const all = [...this.#held.values()];
    for (const holding of all) this.#lose(holding, 'closing');
    await Promise.allSettled(
      all.map(async (holding) => {
        if (holding.orphan) await this.#forgetOrphan(holding);
        else await holding.queue.end(holding.job, holding.token, holding.owed ?? { requeueAt: 0 });
      }),
    );
  }

  async #touch(holding: Holding): Promise<boolean> {
    if (holding.held.lost) return false;
    try {
      return await this.#keep(holding);
    } catch {
      // Nobody can take it over through a Redis that is away.
      return !holding.held.lost;
    }
  }

  async #end(holding: Holding, settlement: Settlement): Promise<boolean> {
    try {
      await this.#tell(holding, settlement);
    } catch (error) {
      if (notOurs(error) === undefined) {
        holding.owed = settlement;
        return false;
      }
      this.#lose(holding, 'lost');
      return false;
    }
    holding.held.settled = true;
    this.#remove(holding);
    return true;
  }

  async #tell(holding: Holding, settlement: Settlement): Promise<void> {
    const { queue, job, token } = holding;
    if (holding.orphan) return this.#forgetOrphan(holding);
    try {
      await queue.end(job, token, settlement);
    } catch (error) {
      const ours = notOurs(error) === 'lockExpired' && (await this.#keep(holding));
      if (!ours) throw error;
      await queue.end(job, token, settlement);
    }
  }

  /** Is it still ours? What Redis lost with all its data is: only we know of it. */
  async #keep(holding: Holding): Promise<boolean> {
    const { queue, token, held } = holding;
    const { ticket, fence } = held.delivery;
    const { link, keys, processId, leaseMs, generation } = this.#options;
    const state = await queue.keep(ticket.id, token, fence);
    if (state === 1) return true;
    if (state === -1 && (holding.orphan || holding.generation !== generation())) {
      holding.orphan = true;
      await link.redis.set(keys.held(ticket.id), processId, 'PX', leaseMs);
      return true;
    }
    this.#lose(holding, 'lost');
    return false;
  }

  async #forgetOrphan({ held }: Holding): Promise<void> {
    const { link, keys } = this.#options;
    await link.redis.del(keys.held(held.delivery.ticket.id));
  }

  #lose(holding: Holding, why: 'lost' | 'closing'): void {
    holding.held.lose(why);
    this.#remove(holding);
  }

  #remove(holding: Holding): void {
    const { id } = holding.held.delivery.ticket;
    if (this.#held.get(id) === holding) this.#held.delete(id);
  }
}
