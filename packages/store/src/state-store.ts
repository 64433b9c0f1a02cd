import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, type SchemaPart, type StateFile } from '@flotilla/core';
import Database from 'better-sqlite3';
import { migrate } from './migrate.ts';
import { Sql } from './sql.ts';
import { isBusy } from './sqlite-code.ts';
import { brokenFile, storageError } from './storage-errors.ts';
import { type TransactionStatements, transactionStatements } from './transaction-statements.ts';
import { useWriteAheadLog } from './write-ahead-log.ts';

export interface StateStoreOptions {
  /** Absolute path of the SQLite file; its folder is made with mode 0700. */
  file: string;
  parts: readonly SchemaPart[];
  /** How long a write may wait for other processes before it fails with TIMEOUT. */
  writePatienceMs?: number;
}

interface PendingWrite {
  work: (sql: Sql) => unknown;
  durable: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Time from a commit to the next write-back of the log. */
const CHECKPOINT_MS = 500;

/** statfs types of network file systems, where SQLite's locks do not hold. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
]);

/**
 * The one SQLite file of a data folder, shared by any number of processes. Reads are synchronous and take
 * microseconds; writes of one event-loop turn share a transaction (group commit) and resolve after COMMIT.
 * The event loop never waits for another process: a busy file is tried again asynchronously.
 */
export class StateStore implements StateFile {
  readonly file: string;
  readonly #db: Database.Database;
  readonly #sql: Sql;
  readonly #patienceMs: number;
  #pending: PendingWrite[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;
  #checkpointTimer: NodeJS.Timeout | undefined;
  #fullSync: boolean | undefined;
  #foreign: number | undefined;
  readonly #transaction: TransactionStatements;

  /** Opens and migrates. CONFLICT for a newer file, UNSUPPORTED on a network file system, INTERNAL for a damaged one. */
  static open(options: StateStoreOptions): StateStore {
    try {
      return new StateStore(options);
    } catch (error) {
      throw storageError(error, options.file);
    }
  }

  private constructor(options: StateStoreOptions) {
    this.file = options.file;
    this.#patienceMs = options.writePatienceMs ?? 10_000;
    mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
    refuseNetworkFileSystem(dirname(options.file));
    refuseForeignFile(options.file);
    this.#db = new Database(options.file, { timeout: 5_000 });
    try {
      chmodSync(options.file, 0o600);
      useWriteAheadLog(this.#db);
      this.#db.pragma('wal_autocheckpoint = 0');
      this.#db.pragma('foreign_keys = ON');
      migrate(this.#db, options.parts);
      this.#db.pragma('busy_timeout = 15');
    } catch (error) {
      this.#db.close();
      throw isBusy(error) ? keptLocked(options.file) : error;
    }
    this.#sql = new Sql(this.#db);
    this.#transaction = transactionStatements(this.#db);
  }

  read<T>(work: (sql: Sql) => T): T {
    try {
      return work(this.#sql);
    } catch (error) {
      throw storageError(error, this.file);
    }
  }

  /**
   * Runs `work` inside a transaction and resolves after COMMIT. `durable` (default) survives a power cut;
   * otherwise only a kill. `work` must be synchronous and short; when it throws, only its own changes are undone.
   */
  write<T>(work: (sql: Sql) => T, options: { durable?: boolean } = {}): Promise<T> {
    if (this.#closed) return Promise.reject(new FlotillaError('CANCELLED', 'The state file is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({
        work,
        durable: options.durable ?? true,
        resolve: (value) => resolve(value as T),
        reject,
      });
      this.#flushing ??= this.#flushAll();
    });
  }

  /** Changes whenever another process committed something. Looked up once per callback of the event loop. */
  foreignVersion(): number {
    if (this.#foreign === undefined) {
      this.#foreign = this.#transaction.foreignVersion.get() as number;
      process.nextTick(() => {
        this.#foreign = undefined;
      });
    }
    return this.#foreign;
  }

  /** "ok", or what PRAGMA quick_check found. */
  check(): string {
    return String(this.#db.pragma('quick_check(1)', { simple: true }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#flushing;
    this.#closed = true;
    clearTimeout(this.#checkpointTimer);
    this.#db.close();
  }

  async #flushAll(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        this.#setDurability(batch.some((write) => write.durable));
        await this.#begin();
        this.#commit(batch);
        this.#checkpointTimer ??= setTimeout(() => this.#checkpoint(), CHECKPOINT_MS).unref();
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        for (const write of batch) write.reject(storageError(error, this.file));
      }
    }
    this.#flushing = undefined;
  }

  /** Writes the log back into the file beside the commits, so that no commit has to wait for it. */
  #checkpoint(): void {
    this.#checkpointTimer = undefined;
    if (this.#closed || this.#db.inTransaction) return;
    try {
      this.#db.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // A full disk: the log keeps what was committed, and the next commit says it.
      if (storageError(error, this.file) === error) throw error;
    }
  }

  /** FULL waits for the disk at COMMIT; NORMAL (in WAL mode) survives a kill of the process, not a power cut. */
  #setDurability(durable: boolean): void {
    if (durable === this.#fullSync) return;
    this.#db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
    this.#fullSync = durable;
  }

  async #begin(): Promise<void> {
    const giveUpAt = performance.now() + this.#patienceMs;
    for (let wait = 2; ; wait = Math.min(wait * 1.5, 50)) {
      try {
        this.#transaction.begin.run();
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() > giveUpAt) {
          throw keptLocked(this.file);
        }
      }
      await delay(wait * (0.5 + Math.random()));
    }
  }

  #commit(batch: readonly PendingWrite[]): void {
    const { savepoint, release, undo, commit } = this.#transaction;
    const settle: (() => void)[] = [];
    for (const write of batch) {
      savepoint.run();
      try {
        const value = write.work(this.#sql);
        release.run();
        settle.push(() => write.resolve(value));
      } catch (error) {
        if (!this.#db.inTransaction) throw error;
        undo.run();
        release.run();
        settle.push(() => write.reject(storageError(error, this.file)));
      }
    }
    commit.run();
    for (const done of settle) done();
  }
}

function refuseNetworkFileSystem(folder: string): void {
  const name = NETWORK_FILE_SYSTEMS.get(statfsSync(folder).type);
  if (!name) return;
  throw new FlotillaError(
    'UNSUPPORTED',
    `The data folder is on ${name}, where SQLite's locks do not hold: ${folder}`,
    {
      details: { folder },
      hint: 'Set FLOTILLA_DATA_DIR to a folder on a local disk.',
    },
  );
}

/** A file that is not SQLite is left exactly as it is. */
function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  const head = Buffer.alloc(16);
  const fd = openSync(file, 'r');
  try {
    const length = readSync(fd, head, 0, 16, 0);
    if (length > 0 && head.toString('latin1', 0, length) !== 'SQLite format 3\0')
      throw brokenFile(file, 'not an SQLite file');
  } finally {
    closeSync(fd);
  }
}

const keptLocked = (file: string): FlotillaError =>
  new FlotillaError('TIMEOUT', 'Another process kept the state file locked.', { details: { file } });
