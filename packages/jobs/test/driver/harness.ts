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

/** What a driver's tests need: one backend, and any number of drivers and processes on it. */
export interface DriverHarness {
  /** Silence after which a holder's tickets go to others. */
  leaseMs: number;
  open(): Promise<TicketDriver>;
  spawn(lane: string, options: { concurrency: number; hold: boolean }): Promise<RemoteConsumer>;
  /** The time that tickets are compared with, epoch milliseconds. */
  now(): number;
}
