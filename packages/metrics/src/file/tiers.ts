import type { TierName } from '../types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One resolution of the history. Its rows lie in one table per slice of time, which is dropped as a whole. */
export interface Tier {
  name: TierName;
  /** Width of a row; 1 s for samples as they came. */
  stepMs: number;
  sliceMs: number;
  keepMs: number;
}

export const RAW: Tier = { name: 'raw', stepMs: 1_000, sliceMs: DAY, keepMs: 2 * DAY };
export const FIVE_MINUTES: Tier = { name: '5m', stepMs: 5 * MINUTE, sliceMs: 5 * DAY, keepMs: 30 * DAY };
export const HOURLY: Tier = { name: '1h', stepMs: HOUR, sliceMs: 60 * DAY, keepMs: 730 * DAY };

/** From fine to coarse: each is made from the one before. */
export const TIERS: readonly Tier[] = [RAW, FIVE_MINUTES, HOURLY];

export const finer = (tier: Tier): Tier | undefined => TIERS[TIERS.indexOf(tier) - 1];

export const stepOf = (at: number, stepMs: number): number => Math.floor(at / stepMs) * stepMs;

export const sliceOf = (tier: Tier, at: number): number => Math.floor(at / tier.sliceMs);

export const tableOf = (tier: Tier, slice: number): string => `sample_${tier.name}_${slice}`;

const NAME = /^sample_(raw|5m|1h)_(\d{1,9})$/;

export function parseTable(name: string): { tier: Tier; slice: number } | undefined {
  const [, tierName, slice] = NAME.exec(name) ?? [];
  const tier = TIERS.find((one) => one.name === tierName);
  return tier && slice ? { tier, slice: Number(slice) } : undefined;
}

/** The coarsest tier that is fine enough for the step, unless it no longer reaches back to `from`. */
export function tierFor(from: number, to: number, stepMs: number | undefined, now: number): Tier {
  const step = stepMs ?? Math.max(RAW.stepMs, (to - from) / 1_500);
  const fine = TIERS.findLast((tier) => tier.stepMs <= step) ?? RAW;
  const reaching = TIERS.find((tier) => from >= now - tier.keepMs) ?? HOURLY;
  return TIERS.indexOf(reaching) > TIERS.indexOf(fine) ? reaching : fine;
}
