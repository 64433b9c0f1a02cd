import type { LogGroup } from './groups.ts';

export interface SeenGroup {
  fingerprint: string;
  level: string;
  origin: string;
  message: string;
  firstSeen: number;
  lastSeen: number;
  /** Lines per hour. */
  rate: number;
  present: boolean;
}

export interface Digest {
  /** Never seen before on this host, worst first. */
  fresh: LogGroup[];
  /** Seen before, at least twice as often now. */
  grown: (LogGroup & { before: number; now: number })[];
  known: LogGroup[];
  /** There in the last look, not in this one. */
  vanished: SeenGroup[];
}

const HOUR = 3_600_000;
const LEVEL_WEIGHT = { critical: 1000, error: 100, warning: 10, notice: 1, info: 1, debug: 0 };

/** Words that mean damage now, whatever level the program gave them. */
const GRAVE: readonly RegExp[] = [
  /no space left|disk full|read-only file system/i,
  /out of memory|oom-kill|cannot allocate memory/i,
  /i\/o error|bad sector|ata\d.*failed|ext4-fs error|xfs.*corrupt|nvme.*(?:timeout|reset)/i,
  /kernel (?:panic|bug)|segfault|general protection/i,
  /corrupt|data loss|deadlock/i,
  /certificate (?:has )?expired/i,
];

/** Level, damage and frequency (by its order of magnitude) in one number. */
export const weightOf = ({ level, count, example }: LogGroup): number =>
  LEVEL_WEIGHT[level] * (1 + Math.log10(Math.max(1, count))) +
  (GRAVE.some((words) => words.test(example)) ? 2000 : 0);

export const ratePerHour = (count: number, windowMs: number): number =>
  count / Math.max(0.05, windowMs / HOUR);

export function compare(groups: readonly LogGroup[], seen: readonly SeenGroup[], windowMs: number): Digest {
  const known = new Map(seen.map((group) => [group.fingerprint, group]));
  const digest: Digest = { fresh: [], grown: [], known: [], vanished: [] };
  for (const group of groups.toSorted((a, b) => weightOf(b) - weightOf(a))) {
    const before = known.get(group.fingerprint);
    const now = ratePerHour(group.count, windowMs);
    if (!before) digest.fresh.push(group);
    else if (group.count >= 5 && now >= before.rate * 2)
      digest.grown.push({ ...group, before: round(before.rate), now: round(now) });
    else digest.known.push(group);
  }
  const here = new Set(groups.map(({ fingerprint }) => fingerprint));
  digest.vanished = seen.filter((group) => group.present && !here.has(group.fingerprint));
  return digest;
}

const round = (rate: number): number => Math.round(rate * 10) / 10;
