import type { StateStore } from '@flotilla/store';
import type { Peers } from './peers.ts';
import type { Consumer } from './port.ts';
import { type Claimed, claimTickets, isClear, isPaused, lookAtLane } from './ticket-rows.ts';

const CLAIM_AT_ONCE = 64;
const LONGEST_SLEEP_MS = 60_000;
const AVOID_MS = 5_000;

/** The consumer of one lane in this process: takes waiting tickets while slots are free. */
export class Lane {
  readonly name: string;
  readonly consumer: Consumer;
  readonly #store: StateStore;
  readonly #peers: Peers;
  readonly #deliver: (lane: Lane, claimed: Claimed) => void;
  /** Tickets left to others, and until when (monotonic). */
  readonly #avoided = new Map<string, number>();
  #busy = 0;
  #pumping = false;
  #again = false;
  #closed = false;
  #dueTimer: NodeJS.Timeout | undefined;

  constructor(
    name: string,
    consumer: Consumer,
    context: { store: StateStore; peers: Peers; deliver: (lane: Lane, claimed: Claimed) => void },
  ) {
    this.name = name;
    this.consumer = consumer;
    this.#store = context.store;
    this.#peers = context.peers;
    this.#deliver = context.deliver;
  }

  /** Takes a slot for a ticket that comes from this process, unless others wait in front of it. */
  takeSlot(): boolean {
    if (this.#closed || this.#busy >= this.consumer.concurrency) return false;
    const free = this.#store.read((sql) => isClear(sql, this.name, Date.now()));
    if (free) this.#busy++;
    return free;
  }

  freeSlot(): void {
    this.#busy--;
    this.pump();
  }

  leaveToOthers(id: string): void {
    this.#avoided.set(id, performance.now() + AVOID_MS);
    this.#wakeAt(Date.now() + AVOID_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#dueTimer);
  }

  /** Looks for waiting tickets; called whenever there may be one. A look that fails is made again later. */
  pump(): void {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    this.#takeAll()
      .catch(() => this.#wakeAt(Date.now() + 1000))
      .finally(() => {
        this.#pumping = false;
        if (!this.#again) return;
        this.#again = false;
        this.pump();
      });
  }

  async #takeAll(): Promise<void> {
    for (;;) {
      const free = Math.min(this.consumer.concurrency - this.#busy, CLAIM_AT_ONCE);
      if (this.#closed || free <= 0) return;
      const now = Date.now();
      const { claimable, due } = this.#store.read((sql) => lookAtLane(sql, this.name, now));
      if (due !== undefined) this.#wakeAt(due);
      if (!claimable) return;
      this.#busy += free;
      const claimed = await this.#claim(now, free);
      this.#busy -= free - claimed.length;
      // Whoever closed this lane frees what it claimed meanwhile.
      if (this.#closed) return;
      for (const one of claimed) this.#deliver(this, one);
      if (claimed.length === 0) return;
    }
  }

  async #claim(now: number, limit: number): Promise<Claimed[]> {
    try {
      return await this.#store.write(
        (sql) => {
          if (isPaused(sql, this.name)) return [];
          this.#peers.announce(sql);
          const holder = this.#peers.self.id;
          return claimTickets(sql, { lane: this.name, now, limit, holder, avoid: this.#avoid() });
        },
        { durable: false },
      );
    } catch (error) {
      this.#busy -= limit;
      throw error;
    }
  }

  #avoid(): string[] {
    for (const [id, until] of this.#avoided) if (until <= performance.now()) this.#avoided.delete(id);
    return [...this.#avoided.keys()];
  }

  #wakeAt(at: number): void {
    clearTimeout(this.#dueTimer);
    const waitMs = Math.min(Math.max(1, at - Date.now() + 1), LONGEST_SLEEP_MS);
    this.#dueTimer = setTimeout(() => this.pump(), waitMs);
    this.#dueTimer.unref();
  }
}
