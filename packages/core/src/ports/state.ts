export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlParams = Record<string, SqlValue | undefined> | readonly SqlValue[];
export type SqlRow = Record<string, SqlValue>;

/** A synchronous SQL session with cached statements. Valid only inside the callback it is given to. */
export interface SqlSession {
  /** Runs one statement; returns the number of changed rows and the last row id. */
  run(text: string, params?: SqlParams): { changes: number; lastRowid: number };
  get<R = SqlRow>(text: string, params?: SqlParams): R | undefined;
  all<R = SqlRow>(text: string, params?: SqlParams): R[];
}

/** The state file of a data folder, shared by any number of processes. Reads take microseconds. */
export interface StateFile {
  read<T>(work: (sql: SqlSession) => T): T;
  /**
   * Runs `work` inside a transaction and resolves after COMMIT. `durable` (default) survives a power cut;
   * otherwise only a kill. `work` must be synchronous and short; when it throws, only its own changes are undone.
   * STORAGE_FULL, TIMEOUT.
   */
  write<T>(work: (sql: SqlSession) => T, options?: { durable?: boolean }): Promise<T>;
}

/** The tables of one package. `migrations[n]` brings version n to n + 1; forward only, never edited once landed. */
export interface SchemaPart {
  name: string;
  migrations: readonly string[];
}
