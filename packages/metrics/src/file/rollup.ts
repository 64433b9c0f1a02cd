import type { Bucket } from '../types.ts';
import type { Catalog } from './catalog.ts';
import { addTo, bucketAt, ofSample, packBuckets, sampleAt } from './packing.ts';
import type { Slices, StoredRow } from './slices.ts';
import { finer, RAW, stepOf, TIERS, type Tier } from './tiers.ts';

/** The steps of one stored row, by series id. */
export function unpackRow(
  tier: Tier,
  row: StoredRow,
  places: ReadonlyMap<number, number>,
): [number, Bucket][] {
  return [...places].map(([id, place]) => [
    id,
    tier === RAW ? ofSample(row.at, sampleAt(row.data, place)) : bucketAt(row.data, place, row.at),
  ]);
}

/**
 * Makes the coarser tiers from the finer ones. Nothing is kept in memory but how far each host has come, so a writer
 * that was killed is continued by the next one without a loss.
 */
export class Rollup {
  readonly #catalog: Catalog;
  readonly #slices: Slices;
  /** Start of the first step that is not rolled up yet, by tier and host. */
  readonly #open = new Map<string, number>();

  constructor(catalog: Catalog, slices: Slices) {
    this.#catalog = catalog;
    this.#slices = slices;
  }

  /** After a sample of `at` was written: completes the steps before it, and the step of a late sample again. */
  advance(host: number, at: number): void {
    // Steps without samples leave no row: only the newest sample tells that a step is over.
    const newest = this.#slices.edge(RAW, host, 'max') ?? at;
    for (const tier of TIERS.slice(1)) {
      const open = this.openStep(tier, host) ?? stepOf(at, tier.stepMs);
      const current = stepOf(at, tier.stepMs);
      if (current > open) this.#roll(tier, host, open, current);
      if (current < open || newest >= current + tier.stepMs)
        this.#roll(tier, host, current, current + tier.stepMs);
      this.#open.set(`${tier.name} ${host}`, Math.max(open, current));
    }
  }

  /** Where the steps begin that are not rolled up yet; undefined without any data. */
  openStep(tier: Tier, host: number): number | undefined {
    const key = `${tier.name} ${host}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    return this.lookUpOpenStep(tier, host);
  }

  /** As the file says it: for readers, who are not told what the writer does. */
  lookUpOpenStep(tier: Tier, host: number): number | undefined {
    const last = this.#slices.edge(tier, host, 'max');
    if (last !== undefined) return last + tier.stepMs;
    const source = finer(tier);
    const first = source && this.#slices.edge(source, host, 'min');
    return first === undefined ? undefined : stepOf(first, tier.stepMs);
  }

  forget(): void {
    this.#open.clear();
  }

  #roll(tier: Tier, host: number, from: number, before: number): void {
    const source = finer(tier);
    if (!source) return;
    let step: number | undefined;
    let buckets = new Map<number, Bucket>();
    const finish = (): void => {
      if (step === undefined || buckets.size === 0) return;
      const ids = [...buckets.keys()].sort((a, b) => a - b);
      this.#slices.write(tier, host, {
        at: step,
        layout: this.#catalog.layout(host, ids),
        data: packBuckets(ids.map((id) => buckets.get(id) as Bucket)),
      });
      buckets = new Map();
    };
    for (const row of this.#slices.read(source, host, from, before)) {
      const start = stepOf(row.at, tier.stepMs);
      if (start !== step) finish();
      step = start;
      for (const [id, bucket] of unpackRow(source, row, this.#catalog.places(row.layout))) {
        const into = buckets.get(id);
        if (into) addTo(into, bucket);
        else buckets.set(id, { ...bucket, at: start });
      }
    }
    finish();
  }
}
