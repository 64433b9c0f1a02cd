import type { Passed } from '../when/fire-times.ts';

export const MISSED = ['skip', 'run_once', 'run_all'] as const;
export type Missed = (typeof MISSED)[number];

/** Later than this a fire time was missed: nobody was there. */
export const ON_TIME_MS = 30_000;
/** `run_all` makes up for so many at most. */
export const MAX_CATCH_UP = 20;

export interface DueFiring {
  /** The fire time. */
  at: number;
  /** It makes up for a missed one. */
  late: boolean;
}

/** Fire times that do not become calls, as one: the last of them, and how many. */
export interface SkippedTimes {
  at: number;
  count: number;
  /** There were more than are counted. */
  more: boolean;
  reason: string;
}

export interface DuePlan {
  fire: DueFiring[];
  skipped?: SkippedTimes;
}

export interface MissedRule {
  missed: Missed;
  graceMs: number;
}

/** What becomes of the fire times that have passed since somebody last looked. Pure. */
export function planDue({ times, more }: Passed, now: number, { missed, graceMs }: MissedRule): DuePlan {
  const onTime = times.filter((at) => now - at <= ON_TIME_MS);
  const late = times.slice(0, times.length - onTime.length);
  const inGrace = late.filter((at) => now - at <= graceMs);
  const caughtUp = catchUp(inGrace, onTime.length > 0, missed);
  const fire = [...caughtUp.map((at) => ({ at, late: true })), ...onTime.map((at) => ({ at, late: false }))];
  const left = late.filter((at) => !caughtUp.includes(at));
  const last = left.at(-1);
  if (last === undefined) return { fire };
  const instead = fire.length > 0 && missed !== 'skip';
  const reason = instead
    ? 'missed: nothing was firing then; a later one runs instead'
    : missed === 'skip'
      ? 'missed: nothing was firing then'
      : 'missed: nothing was firing then, and the grace was over';
  return { fire, skipped: { at: last, count: left.length, more, reason } };
}

function catchUp(inGrace: readonly number[], anyOnTime: boolean, missed: Missed): readonly number[] {
  if (missed === 'run_all') return inGrace.slice(-MAX_CATCH_UP);
  return missed === 'run_once' && !anyOnTime ? inGrace.slice(-1) : [];
}
