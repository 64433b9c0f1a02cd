/** A pointer to work that is ready: never the truth about it and never a secret. */
export interface Ticket {
  id: string;
  /** Name of the server whose workers take it. */
  lane: string;
  /** Higher goes first; FIFO among equals. Default 0. */
  priority?: number;
  /** Epoch milliseconds before which it is not delivered. */
  notBefore?: number;
}

export interface EnqueueOptions {
  /**
   * The id was made just now and no other process knows it. The driver may deliver to this process before
   * the ticket is stored; the delivery is `lost` when storing it fails.
   */
  fresh?: boolean;
}

/** Why a delivery's signal was aborted: asked to cancel, taken over by another consumer, or this consumer closes. */
type DeliveryEnd = 'cancel' | 'lost' | 'closing';

/** A ticket in the hands of one consumer. */
export interface Delivery {
  ticket: Ticket;
  /** Grows with every delivery of the ticket. What an older holder writes back changes nothing. */
  fence: number;
  /** It was delivered before and its holder did not settle it. */
  redelivered: boolean;
  /** Its reason is a DeliveryEnd. `cancel` may come first and be followed by `onLost`. */
  signal: AbortSignal;
  /** Called once when the ticket is no longer ours, also after a cancel. */
  onLost(listener: (why: Exclude<DeliveryEnd, 'cancel'>) => void): void;
  /** Proves that the holder is alive. False: the ticket is not ours any more. */
  touch(): Promise<boolean>;
}

/**
 * What becomes of the ticket: gone, delivered again at a time, or left to other consumers because this one
 * cannot do it (it takes it again only when no other did for some seconds).
 */
export type Settlement = 'done' | 'elsewhere' | { requeueAt: number };

export interface Consumer {
  /** Deliveries held at once by this process. */
  concurrency: number;
  /** Resolves with the settlement; a rejection counts as done. */
  handler(delivery: Delivery): Promise<Settlement>;
}

export interface TicketCounts {
  waiting: number;
  delayed: number;
  held: number;
}

export interface TicketInfo {
  ticket: Ticket;
  state: 'waiting' | 'delayed' | 'held';
  fence: number;
  holder?: string;
  cancelRequested: boolean;
}

export interface DriverHealth {
  ok: boolean;
  name: string;
  detail: string;
  /** Processes that hold or recently held tickets. */
  processes: number;
  /** What works now and may fail later, e.g. settings of a server, one sentence each. */
  warnings?: readonly string[];
  /** Which queue it is, of one on a server: processes with the same one share it. */
  identity?: string;
}

/** What differs between one machine and a Redis: at-least-once delivery of tickets. */
export interface TicketDriver {
  /** Its tickets are rows of the engine's own store: one that is enqueued beside a write is committed with it. */
  readonly sharesStore: boolean;
  open(): Promise<void>;
  /** With `drain` waits for the deliveries of this process; otherwise they are let go and delivered elsewhere. */
  close(options?: { drain?: boolean }): Promise<void>;
  /** As it was last seen. */
  health(): DriverHealth;
  /** Called whenever the backend was away or lost its data and is there again: tickets may be missing. */
  onRecovered(listener: () => void): void;
  /** Resolves once the ticket survives a kill. INVALID_INPUT for an id or a lane that not every backend can hold. `exists`: this id is known and not settled; nothing was changed. */
  enqueue(ticket: Ticket, options?: EnqueueOptions): Promise<'added' | 'exists'>;
  enqueueMany(tickets: readonly Ticket[]): Promise<('added' | 'exists')[]>;
  /** Takes a waiting ticket back. */
  withdraw(id: string): Promise<'gone' | 'held' | 'unknown'>;
  /** Starts to take tickets of a lane; once per lane. */
  consume(lane: string, consumer: Consumer): void;
  /** Asks the holder, now or the one to come, to cancel. False: no such ticket. */
  cancel(id: string): Promise<boolean>;
  /** Applied only with the fence of the present delivery; false: it changed nothing. */
  settle(id: string, fence: number, settlement: Settlement): Promise<boolean>;
  pause(lane: string): Promise<void>;
  resume(lane: string): Promise<void>;
  inspect(id: string): Promise<TicketInfo | undefined>;
  counts(lane?: string): Promise<TicketCounts>;
  /** The ids of those that are neither waiting nor held. */
  missing(tickets: readonly Pick<Ticket, 'id' | 'lane'>[]): Promise<string[]>;
  /**
   * Runs `work` while no other process holds the lease of that name; undefined when one does. `lost` is aborted when
   * this process was given up meanwhile, e.g. because it was frozen. UNSUPPORTED in a process without a state file.
   */
  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>;
}
