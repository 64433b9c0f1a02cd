import type { Delivery, Settlement, Ticket } from './port.ts';

/** One delivery in this process, and how it learns that it ended from outside. */
export class HeldTicket {
  readonly delivery: Delivery;
  /** False while the transaction that stores the ticket has not committed. */
  stored: boolean;
  settled = false;
  #lostBy: 'lost' | 'closing' | undefined;
  readonly #controller = new AbortController();
  readonly #onLost: ((why: 'lost' | 'closing') => void)[] = [];

  constructor(ticket: Ticket, fence: number, stored: boolean, touch: (held: HeldTicket) => Promise<boolean>) {
    this.stored = stored;
    this.delivery = {
      ticket,
      fence,
      redelivered: fence > 1,
      signal: this.#controller.signal,
      onLost: (listener) => {
        if (this.#lostBy) listener(this.#lostBy);
        else this.#onLost.push(listener);
      },
      touch: () => touch(this),
    };
  }

  get lost(): boolean {
    return this.#lostBy !== undefined;
  }

  cancel(): void {
    this.#controller.abort('cancel');
  }

  lose(why: 'lost' | 'closing'): void {
    if (this.lost || this.settled) return;
    this.#lostBy = why;
    this.#controller.abort(why);
    for (const listener of this.#onLost) listener(why);
  }
}

/** What a handler makes of its ticket; one that throws is done with it. */
export async function settlementOf(work: Promise<Settlement>): Promise<Settlement> {
  try {
    return await work;
  } catch {
    return 'done';
  }
}
