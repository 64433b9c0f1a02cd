import type Database from 'better-sqlite3';
import { isBusy } from './sqlite-code.ts';

const PATIENCE_MS = 5_000;
const PAUSE_MS = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * `PRAGMA journal_mode = WAL`, tried again while the file is busy: SQLite does not call its busy handler when two
 * connections that read both want to write (sqlite3_busy_handler), as two processes do that open a new file at once.
 */
export function useWriteAheadLog(db: Database.Database): void {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(sleeper, 0, 0, PAUSE_MS * (0.5 + Math.random()));
    }
  }
}
