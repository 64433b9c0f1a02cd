import type { SqlParams, SqlRow, SqlSession } from '@flotilla/core';
import type Database from 'better-sqlite3';

/** A session over better-sqlite3. */
export class Sql implements SqlSession {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

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
