import type Database from 'better-sqlite3';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlParams = Record<string, SqlValue | undefined> | readonly SqlValue[];
export type SqlRow = Record<string, SqlValue>;

/** A synchronous SQL session with cached statements. Valid only inside the callback it is given to. */
export class Sql {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** Runs one statement; returns the number of changed rows and the last row id. */
  run(text: string, params: SqlParams = []): { changes: number; lastRowid: number } {
    const { changes, lastInsertRowid } = this.#prepare(text).run(params);
    return { changes, lastRowid: Number(lastInsertRowid) };
  }

  get<R = SqlRow>(text: string, params: SqlParams = []): R | undefined {
    return this.#prepare(text).get(params) as R | undefined;
  }

  all<R = SqlRow>(text: string, params: SqlParams = []): R[] {
    return this.#prepare(text).all(params) as R[];
  }

  #prepare(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }
}
