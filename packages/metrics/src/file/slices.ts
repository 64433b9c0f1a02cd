import type Database from 'better-sqlite3';
import { parseTable, sliceOf, type Tier, tableOf } from './tiers.ts';

export interface StoredRow {
  at: number;
  layout: number;
  data: Uint8Array;
}

/** The tables of samples: one per tier and slice of time, made when first written to. */
export class Slices {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #known: { version: number; names: string[] } | undefined;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  write(tier: Tier, host: number, row: StoredRow): void {
    const table = tableOf(tier, sliceOf(tier, row.at));
    if (!this.#names().includes(table)) {
      this.#db.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (host INTEGER NOT NULL, at INTEGER NOT NULL,
         layout INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (host, at)) WITHOUT ROWID, STRICT`,
      );
    }
    this.#prepare(`INSERT OR REPLACE INTO ${table} (host, at, layout, data) VALUES (?, ?, ?, ?)`).run(
      host,
      row.at,
      row.layout,
      row.data,
    );
  }

  /** Rows of one host with `from` <= at < `before`, oldest first. */
  *read(tier: Tier, host: number, from: number, before: number): Generator<StoredRow> {
    for (const table of this.#tables(tier)) {
      if (table.slice < sliceOf(tier, from) || table.slice > sliceOf(tier, before - 1)) continue;
      const found = this.#prepare(
        `SELECT at, layout, data FROM ${table.name} WHERE host = ? AND at >= ? AND at < ? ORDER BY at`,
      );
      yield* found.all(host, from, before) as StoredRow[];
    }
  }

  /** Time of the first or last row of a host. */
  edge(tier: Tier, host: number, which: 'min' | 'max'): number | undefined {
    const tables = this.#tables(tier);
    for (const { name } of which === 'min' ? tables : tables.reverse()) {
      const at = this.#prepare(`SELECT ${which}(at) AS at FROM ${name} WHERE host = ?`).get(host) as {
        at: number | null;
      };
      if (at.at !== null) return at.at;
    }
    return undefined;
  }

  /** Drops the slices whose last moment is older than the tier keeps. Returns how many. */
  prune(tier: Tier, now: number): number {
    const old = this.#tables(tier).filter(({ slice }) => (slice + 1) * tier.sliceMs < now - tier.keepMs);
    for (const { name } of old) this.#db.exec(`DROP TABLE ${name}`);
    if (old.length > 0) this.#statements.clear();
    return old.length;
  }

  count(): number {
    return this.#names().length;
  }

  #tables(tier: Tier): { name: string; slice: number }[] {
    return this.#names()
      .flatMap((name) => {
        const parsed = parseTable(name);
        return parsed && parsed.tier === tier ? [{ name, slice: parsed.slice }] : [];
      })
      .sort((a, b) => a.slice - b.slice);
  }

  /** Looked up again when this or another process made or dropped a table. */
  #names(): string[] {
    const version = this.#prepare('PRAGMA schema_version').pluck().get() as number;
    if (this.#known?.version === version) return this.#known.names;
    const all = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sample\\_%' ESCAPE '\\'";
    const names = (this.#prepare(all).all() as { name: string }[]).map(({ name }) => name);
    this.#known = { version, names };
    return names;
  }

  #prepare(text: string): Database.Statement {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
