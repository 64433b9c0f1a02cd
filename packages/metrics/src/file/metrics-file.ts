import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type {
  Gap,
  HostSample,
  InstantQuery,
  InstantValue,
  LatestReading,
  MissedSample,
  SeriesBuckets,
  SeriesId,
  SeriesPoints,
  SeriesQuery,
  StoreSize,
} from '../types.ts';
import { Catalog } from './catalog.ts';
import { addGap, pruneGaps, readGaps } from './gaps.ts';
import { openFile } from './open-file.ts';
import { packSample, sampleAt } from './packing.ts';
import { readBuckets, readInstant, readPoints } from './read.ts';
import { Rollup } from './rollup.ts';
import { Slices, type StoredRow } from './slices.ts';
import { HOURLY, RAW, stepOf, TIERS } from './tiers.ts';

/** The history of all hosts in one SQLite file. Synchronous: it lives in a worker thread. */
export class MetricsFile {
  readonly #db: Database.Database;
  readonly #catalog: Catalog;
  readonly #slices: Slices;
  readonly #rollup: Rollup;

  constructor(file: string) {
    this.#db = openFile(file);
    this.#catalog = new Catalog(this.#db);
    this.#slices = new Slices(this.#db);
    this.#rollup = new Rollup(this.#catalog, this.#slices);
  }

  append(samples: readonly HostSample[]): void {
    this.#transaction(() => {
      for (const sample of samples) this.#write(sample);
    });
  }

  /** Records looks at hosts that gave nothing: `up` becomes 0, no other series gets a value. */
  miss(missed: readonly MissedSample[]): void {
    this.#transaction(() => {
      for (const one of missed) {
        const host = this.#catalog.host(one.host);
        this.#write({ host: one.host, at: one.at, values: [{ name: 'up', value: 0 }] });
        addGap(this.#db, host, one);
      }
    });
  }

  /** One value per step and series. Steps that lie too far back are as wide as what is kept of that time. */
  points(query: SeriesQuery, now: number): SeriesPoints[] {
    return readPoints(this.#sources(), query, now);
  }

  /** As `points`, with minimum, maximum, sum, count and last value of each step. */
  buckets(query: SeriesQuery, now: number): SeriesBuckets[] {
    return readBuckets(this.#sources(), query, now);
  }

  /** The newest value of each series at a moment. */
  instant(query: InstantQuery): InstantValue[] {
    return readInstant(this.#sources(), query);
  }

  /** Which series there are. */
  series(hosts?: readonly string[]): SeriesId[] {
    return this.#catalog.all(hosts).map(({ host, name, labels }) => ({ host, name, labels }));
  }

  latest(hosts?: readonly string[]): LatestReading[] {
    const wanted = hosts && new Set(hosts);
    const rows = this.#db
      .prepare(
        'SELECT h.name AS host, l.at, l.reading FROM latest l JOIN host h ON h.id = l.host ORDER BY h.name',
      )
      .all() as LatestReading[];
    return rows.filter(({ host }) => !wanted || wanted.has(host));
  }

  /** Missed samples, newest first. */
  gaps(range: { hosts?: readonly string[]; from: number; to: number }): Gap[] {
    return readGaps(this.#db, range);
  }

  /** Drops what is older than it is kept; returns the number of dropped slices of time. */
  prune(now: number): number {
    let dropped = 0;
    this.#transaction(() => {
      for (const tier of TIERS) dropped += this.#slices.prune(tier, now);
      pruneGaps(this.#db, now - HOURLY.keepMs);
    });
    return dropped;
  }

  size(): StoreSize {
    const count = (table: string): number =>
      Number(this.#db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    const { hosts, series } = { hosts: count('host'), series: count('series') };
    return { bytes: statSync(this.#db.name).size, hosts, series, slices: this.#slices.count() };
  }

  close(): void {
    this.#db.close();
  }

  #write(sample: HostSample): void {
    const host = this.#catalog.host(sample.host);
    const at = stepOf(sample.at, RAW.stepMs);
    const byId = this.#valuesAt(host, at);
    for (const value of sample.values) {
      if (Number.isFinite(value.value)) byId.set(this.#catalog.series(host, value), value.value);
    }
    const ids = [...byId.keys()].sort((a, b) => a - b);
    const layout = this.#catalog.layout(host, ids);
    const data = packSample(ids.map((id) => byId.get(id) as number));
    this.#slices.write(RAW, host, { at, layout, data });
    this.#rollup.advance(host, at);
    if (sample.reading === undefined) return;
    this.#db
      .prepare(
        `INSERT INTO latest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, reading = excluded.reading
         WHERE excluded.at >= latest.at`,
      )
      .run(host, at, sample.reading);
  }

  /** What another look of the same second gave already. */
  #valuesAt(host: number, at: number): Map<number, number> {
    const [row] = this.#slices.read(RAW, host, at, at + 1);
    const places = row ? [...this.#catalog.places(row.layout)] : [];
    return new Map(places.map(([id, place]) => [id, sampleAt((row as StoredRow).data, place)]));
  }

  #sources() {
    return { catalog: this.#catalog, slices: this.#slices, rollup: this.#rollup };
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      this.#catalog.forget();
      this.#rollup.forget();
      throw error;
    }
  }
}
