import type { Sql } from '@flotilla/store';

export interface Note {
  work: (sql: Sql) => void;
  /** Part of a transaction that has not committed yet. */
  applied: boolean;
}

/** Changes in the order they were made: a later write carries every earlier one that is not stored yet. */
export class Notes {
  #open: Note[] = [];

  /** Some change is in no transaction yet. */
  get waiting(): boolean {
    return this.#open.some((note) => !note.applied);
  }

  add(work: (sql: Sql) => void): void {
    this.#open.push({ work, applied: false });
  }

  /** Inside a transaction; what it returns is then told to be stored or undone. */
  apply(sql: Sql): readonly Note[] {
    const carried = this.#open.filter((note) => !note.applied);
    return this.guard(carried, () => {
      for (const note of carried) {
        note.applied = true;
        note.work(sql);
      }
      return carried;
    });
  }

  /** When `work` throws, its savepoint is undone, and these notes with it. */
  guard<T>(carried: readonly Note[], work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.undone(carried);
      throw error;
    }
  }

  stored(carried: readonly Note[]): void {
    if (carried.length > 0) this.#open = this.#open.filter((note) => !carried.includes(note));
  }

  undone(carried: readonly Note[]): void {
    for (const note of carried) note.applied = false;
  }
}
