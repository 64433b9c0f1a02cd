import type { Settlement, Ticket, TicketDriver } from '../../src/index.ts';

/** A consumer in a process of its own, driven from the test. */
export interface RemoteConsumer {
  /** Deliveries so far, in order. */
  deliveries: { id: string; fence: number; redelivered: boolean }[];
  /** Ids whose delivery was lost, and whose holder was asked to cancel. */
  lost: string[];
  cancelled: string[];
  enqueue(ticket: Ticket): Promise<'added' | 'exists'>;
  /** Ends a held delivery as its handler; whether the driver took it. */
  settle(id: string, settlement?: Settlement): Promise<boolean>;
  touch(id: string): Promise<boolean>;
  /** Blocks the event loop of the process. */
  block(ms: number): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface SpawnOptions {
  concurrency: number;
  /** Deliveries end when the test says so; otherwise at once. */
  hold: boolean;
  /** The wall clock of the process is ahead of the others by so much. Default 0. */
  skewMs?: number;
}

/** What a driver's tests need: one backend, and any number of drivers and processes on it. */
export interface DriverHarness {
  /** Silence after which a holder's tickets go to others. */
  leaseMs: number;
  open(): Promise<TicketDriver>;
  spawn(lane: string, options: SpawnOptions): Promise<RemoteConsumer>;
  /** The clock is that of the backend: consumers whose own is wrong do not matter. */
  ownClock: boolean;
  /** The time that tickets are compared with, epoch milliseconds. */
  now(): number;
}
