import type Database from 'better-sqlite3';
import { patternTest } from '../pattern.ts';
import type { Labels, Matcher, SeriesId, SeriesSelector, SeriesValue } from '../types.ts';
import { packLayout, unpackLayout } from './packing.ts';

export interface KnownSeries extends SeriesId {
  id: number;
  hostId: number;
}

/** Who has which series, and which series a packed row holds. Ids are never given twice. */
export class Catalog {
  readonly #db: Database.Database;
  readonly #hosts = new Map<string, number>();
  readonly #series = new Map<string, number>();
  readonly #layoutIds = new Map<string, number>();
  readonly #layouts = new Map<number, ReadonlyMap<number, number>>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  host(name: string): number {
    return remember(this.#hosts, name, () => {
      this.#db.prepare('INSERT OR IGNORE INTO host (name) VALUES (?)').run(name);
      return this.knownHost(name) as number;
    });
  }

  knownHost(name: string): number | undefined {
    return this.#db.prepare('SELECT id FROM host WHERE name = ?').pluck().get(name) as number | undefined;
  }

  series(hostId: number, { name, labels = {} }: SeriesValue): number {
    const text = labelText(labels);
    return remember(this.#series, `${hostId} ${name} ${text}`, () => {
      const key = [hostId, name, text];
      this.#db.prepare('INSERT OR IGNORE INTO series (host, name, labels) VALUES (?, ?, ?)').run(key);
      const found = this.#db.prepare('SELECT id FROM series WHERE host = ? AND name = ? AND labels = ?');
      return found.pluck().get(key) as number;
    });
  }

  layout(hostId: number, series: readonly number[]): number {
    return remember(this.#layoutIds, `${hostId} ${series.join(' ')}`, () => {
      const key = [hostId, packLayout(series)];
      this.#db.prepare('INSERT OR IGNORE INTO layout (host, series) VALUES (?, ?)').run(key);
      const found = this.#db.prepare('SELECT id FROM layout WHERE host = ? AND series = ?');
      return found.pluck().get(key) as number;
    });
  }

  /** Place of each series within the rows of a layout. */
  places(layout: number): ReadonlyMap<number, number> {
    return remember(this.#layouts, layout, () => {
      const data = this.#db.prepare('SELECT series FROM layout WHERE id = ?').pluck().get(layout);
      return new Map([...unpackLayout(data as Uint8Array)].map((id, place) => [id, place]));
    });
  }

  /** What a transaction that was undone may have put here. */
  forget(): void {
    for (const map of [this.#hosts, this.#series, this.#layoutIds, this.#layouts]) map.clear();
  }

  select({ hosts, name, matchers = [] }: SeriesSelector): KnownSeries[] {
    const wanted = hosts && new Set(hosts);
    const tests = matchers.map(matcherTest);
    return this.#rows('WHERE s.name = ?', [name]).filter(
      (one) => (!wanted || wanted.has(one.host)) && tests.every((test) => test(one.labels)),
    );
  }

  all(hosts?: readonly string[]): KnownSeries[] {
    if (!hosts) return this.#rows('', []);
    return hosts.flatMap((host) => this.#rows('WHERE h.name = ?', [host]));
  }

  #rows(where: string, params: readonly string[]): KnownSeries[] {
    const rows = this.#db
      .prepare(
        `SELECT s.id, s.host AS hostId, h.name AS host, s.name, s.labels FROM series s
         JOIN host h ON h.id = s.host ${where} ORDER BY h.name, s.name, s.labels`,
      )
      .all(...params) as (Omit<KnownSeries, 'labels'> & { labels: string })[];
    return rows.map((row) => ({ ...row, labels: JSON.parse(row.labels) as Labels }));
  }
}

/** The cache is emptied when it grows beyond this: names of containers come and go for ever. */
const MAX_CACHED = 200_000;

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  if (map.size >= MAX_CACHED) map.clear();
  const made = make();
  map.set(key, made);
  return made;
}

const labelText = (labels: Labels): string =>
  JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));

function matcherTest({ label, op, value }: Matcher): (labels: Labels) => boolean {
  if (op === '=') return (labels) => (labels[label] ?? '') === value;
  if (op === '!=') return (labels) => (labels[label] ?? '') !== value;
  const test = patternTest(value);
  if (!test) throw Object.assign(new Error('no regular expression of RE2'), { code: 'BAD_PATTERN' });
  return (labels) => test(labels[label] ?? '') === (op === '=~');
}
