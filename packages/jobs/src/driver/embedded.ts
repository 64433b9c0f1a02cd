import type { StateStore } from '@flotilla/store';
import type { ForeignWatch } from '../store/foreign-watch.ts';
import { HeldTicket, settlementOf } from './held-ticket.ts';
import { Lane } from './lane.ts';
import { Leases, type LeasesOptions } from './leases.ts';
import type { Peers } from './peers.ts';
import type {
  Consumer,
  DriverHealth,
  EnqueueOptions,
  Settlement,
  Ticket,
  TicketCounts,
  TicketDriver,
  TicketInfo,
} from './port.ts';
import { checkTicket } from './ticket-names.ts';
import {
  type Claimed,
  countTickets,
  heldBy,
  insertTicket,
  markCancelled,
  missingTickets,
  setPaused,
  settleTicket,
  ticketInfo,
  withdrawTicket,
} from './ticket-rows.ts';

export interface EmbeddedDriverOptions extends LeasesOptions {
  watch: ForeignWatch;
}

/** Tickets as rows of the state file: for any number of processes on one machine. */
export class EmbeddedDriver implements TicketDriver {
  readonly sharesStore = true;
  readonly #store: StateStore;
  readonly #watch: ForeignWatch;
  readonly #leases: Leases;
  readonly #peers: Peers;
  readonly #leaseMs: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #held = new Map<string, HeldTicket>();
  readonly #working = new Set<Promise<void>>();
  #unwatch: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EmbeddedDriverOptions) {
    this.#store = options.store;
    this.#watch = options.watch;
    this.#leases = new Leases(options);
    this.#leaseMs = this.#leases.leaseMs;
    this.#peers = this.#leases.peers;
  }

  async open(): Promise<void> {
    await this.#peers.expelDead();
    this.#unwatch = this.#watch.subscribe({
      changed: () => this.#lookAround(),
      eager: () => this.#held.size > 0,
    });
    this.#timer = setInterval(() => void this.#beat(), Math.min(1000, this.#leaseMs / 4));
    this.#timer.unref();
  }

  async close(options: { drain?: boolean } = {}): Promise<void> {
    for (const lane of this.#lanes.values()) lane.close();
    if (options.drain) await Promise.all(this.#working);
    clearInterval(this.#timer);
    this.#unwatch?.();
    this.#loseAll('closing');
    await this.#peers.leave();
  }

  health(): DriverHealth {
    const { waiting, held } = this.#count();
    return {
      ok: true,
      name: 'embedded',
      detail: `${waiting} waiting, ${held} held`,
      processes: this.#peers.count(),
    };
  }

  /** The backend is the state file: it is never away. */
  onRecovered(): void {}

  async enqueue(ticket: Ticket, options: EnqueueOptions = {}): Promise<'added' | 'exists'> {
    checkTicket(ticket);
    const lane = this.#lanes.get(ticket.lane);
    if (options.fresh && (ticket.notBefore ?? 0) <= Date.now() && lane?.takeSlot()) {
      return this.#deliverAndStore(lane, ticket);
    }
    const added = await this.#store.write((sql) => insertTicket(sql, ticket));
    if (added) lane?.pump();
    return added ? 'added' : 'exists';
  }

  enqueueMany(tickets: readonly Ticket[]): Promise<('added' | 'exists')[]> {
    return Promise.all(tickets.map((ticket) => this.enqueue(ticket)));
  }

  withdraw(id: string): Promise<'gone' | 'held' | 'unknown'> {
    return this.#store.write((sql) => withdrawTicket(sql, id));
  }

  consume(name: string, consumer: Consumer): void {
    if (this.#lanes.has(name)) return;
    const lane = new Lane(name, consumer, {
      store: this.#store,
      peers: this.#peers,
      deliver: (to, claimed) => this.#deliver(to, claimed, true),
    });
    this.#lanes.set(name, lane);
    lane.pump();
  }

  async cancel(id: string): Promise<boolean> {
    const known = await this.#store.write((sql) => markCancelled(sql, id));
    this.#held.get(id)?.cancel();
    return known;
  }

  async settle(id: string, fence: number, settlement: Settlement): Promise<boolean> {
    const held = this.#held.get(id);
    const settled = await this.#store.write(
      (sql) => settleTicket(sql, id, this.#peers.self.id, fence, settlement),
      { durable: false },
    );
    if (settled && held?.delivery.fence === fence) held.settled = true;
    return settled;
  }

  pause(lane: string): Promise<void> {
    return this.#store.write((sql) => setPaused(sql, lane, true));
  }

  async resume(lane: string): Promise<void> {
    await this.#store.write((sql) => setPaused(sql, lane, false));
    this.#lanes.get(lane)?.pump();
  }

  async inspect(id: string): Promise<TicketInfo | undefined> {
    return this.#store.read((sql) => ticketInfo(sql, id, Date.now()));
  }

  async counts(lane?: string): Promise<TicketCounts> {
    return this.#count(lane);
  }

  async missing(tickets: readonly Pick<Ticket, 'id'>[]): Promise<string[]> {
    return this.#store.read((sql) =>
      missingTickets(
        sql,
        tickets.map((ticket) => ticket.id),
      ),
    );
  }

  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return this.#leases.exclusively(name, work);
  }

  #count(lane?: string): TicketCounts {
    return this.#store.read((sql) => countTickets(sql, Date.now(), lane));
  }

  async #deliverAndStore(lane: Lane, ticket: Ticket): Promise<'added' | 'exists'> {
    const stored = this.#store.write((sql) => {
      this.#peers.announce(sql);
      return insertTicket(sql, ticket, this.#peers.self.id);
    });
    const held = this.#deliver(lane, { ticket, fence: 1, cancelled: false }, false);
    try {
      const added = await stored;
      held.stored = true;
      if (!added) this.#lose(held, 'lost');
      return added ? 'added' : 'exists';
    } catch (error) {
      this.#lose(held, 'lost');
      throw error;
    }
  }

  #deliver(lane: Lane, claimed: Claimed, stored: boolean): HeldTicket {
    const held = new HeldTicket(claimed.ticket, claimed.fence, stored, (one) => this.#touch(one));
    this.#held.set(claimed.ticket.id, held);
    if (claimed.cancelled) held.cancel();
    this.#watch.hurry();
    const work = this.#work(lane, held).finally(() => this.#working.delete(work));
    this.#working.add(work);
    return held;
  }

  async #work(lane: Lane, held: HeldTicket): Promise<void> {
    const { ticket, fence } = held.delivery;
    const settlement = await settlementOf(lane.consumer.handler(held.delivery));
    if (settlement === 'elsewhere') lane.leaveToOthers(ticket.id);
    if (!held.lost && !held.settled) await this.settle(ticket.id, fence, settlement).catch(() => false);
    if (this.#held.get(ticket.id) === held) this.#held.delete(ticket.id);
    held.settled = true;
    lane.freeSlot();
  }

  async #touch(held: HeldTicket): Promise<boolean> {
    const { ticket, fence } = held.delivery;
    if (held.lost || !(await this.#peers.beat())) {
      this.#lose(held, 'lost');
      return false;
    }
    const present = this.#store.read((sql) => ticketInfo(sql, ticket.id, Date.now()));
    const ours = present?.holder === this.#peers.self.id && present.fence === fence;
    if (!ours) this.#lose(held, 'lost');
    return ours;
  }

  async #beat(): Promise<void> {
    try {
      if (this.#held.size > 0 || this.#leases.held > 0) {
        const alive = await this.#peers.beat();
        if (!alive) this.#loseAll('lost');
      }
      if ((await this.#peers.expelDead()).length > 0) for (const lane of this.#lanes.values()) lane.pump();
    } catch {
      // A full disk or a busy file: the next beat tries again. Without beats the others take over, which is right.
    }
  }

  /** Another process wrote: tickets may have come, gone to others, or been asked to cancel. */
  #lookAround(): void {
    if (this.#held.size > 0) {
      const ours = this.#store.read((sql) => heldBy(sql, this.#peers.self.id));
      for (const [id, held] of this.#held) {
        if (!held.stored || held.settled) continue;
        const row = ours.get(id);
        if (row?.fence !== held.delivery.fence) this.#lose(held, 'lost');
        else if (row.cancelled) held.cancel();
      }
    }
    for (const lane of this.#lanes.values()) lane.pump();
  }

  #lose(held: HeldTicket, why: 'lost' | 'closing'): void {
    held.lose(why);
    const { id } = held.delivery.ticket;
    if (this.#held.get(id) === held) this.#held.delete(id);
  }

  #loseAll(why: 'lost' | 'closing'): void {
    for (const held of [...this.#held.values()]) {
      if (held.stored || why === 'closing') this.#lose(held, why);
    }
  }
}
