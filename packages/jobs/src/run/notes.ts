import type { LedgerOp } from './ledger.ts';

export interface Note {
  op: LedgerOp;
  /** Part of a write that is not stored yet. */
  taken: boolean;
}

/** Changes in the order they were made: a later write carries every earlier one that is not stored yet. */
export class Notes {
  #open: Note[] = [];

  /** Some change is in no write yet. */
  get waiting(): boolean {
    return this.#open.some((note) => !note.taken);
  }

  add(op: LedgerOp): void {
    this.#open.push({ op, taken: false });
  }

  /** For a write that is made now; what it returns is then told to be stored or undone. */
  take(): readonly Note[] {
    const carried = this.#open.filter((note) => !note.taken);
    for (const note of carried) note.taken = true;
    return carried;
  }

  stored(carried: readonly Note[]): void {
    if (carried.length > 0) this.#open = this.#open.filter((note) => !carried.includes(note));
  }

  undone(carried: readonly Note[]): void {
    for (const note of carried) note.taken = false;
  }
}
