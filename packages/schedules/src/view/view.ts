import { z } from 'zod';
import type { FiringStore } from '../store/firing-store.ts';
import { FIRING_STATES, type Firing, type Schedule } from '../store/types.ts';
import { durationText } from '../when/duration.ts';
import { nextTimes } from '../when/fire-times.ts';
import { fireTimes, jitterOf, whenText } from '../when/when.ts';
import { inZone } from '../when/zone.ts';

export const FireTime = z.object({
  at: z.string().describe('UTC'),
  local: z.string().describe('In the zone of the schedule'),
});

export const FiringView = z.object({
  kind: z.enum(['time', 'hand']),
  fireAt: z.string(),
  state: z.enum(FIRING_STATES),
  /** Fire times that were skipped together. */
  times: z.number().optional(),
  late: z.boolean().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  runId: z.string().optional(),
  reason: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  output: z.string().optional(),
});
export type FiringView = z.infer<typeof FiringView>;

export const ScheduleView = z.object({
  name: z.string(),
  state: z.enum(['active', 'paused', 'done']),
  tool: z.string(),
  /** Secrets left out. */
  args: z.record(z.string(), z.unknown()),
  when: z.string(),
  zone: z.string(),
  next: z.array(FireTime),
  missed: z.string(),
  grace: z.string(),
  overlap: z.string(),
  jitter: z.string().optional(),
  /** On whose behalf it calls. */
  owner: z.string(),
  failuresInARow: z.number(),
  last: FiringView.optional(),
  notes: z.string().optional(),
});
export type ScheduleView = z.infer<typeof ScheduleView>;

export const NEXT_SHOWN = 5;

export const iso = (ms: number): string => new Date(ms).toISOString();

/** The next fire times, with the schedule's jitter. */
export function nextOf(
  { id, definition }: Pick<Schedule, 'id' | 'definition'>,
  now: number,
): z.infer<typeof FireTime>[] {
  const { when, zone, jitterMs } = definition;
  const jitter = jitterOf(id, jitterMs);
  return nextTimes(fireTimes(when, zone), now - jitter, NEXT_SHOWN).map((ms) => ({
    at: iso(ms + jitter),
    local: inZone(ms + jitter, zone),
  }));
}

export function scheduleView(schedule: Schedule, last: Firing | undefined, now: number): ScheduleView {
  const { name, definition, shown, owner, enabled, dueAt, failures } = schedule;
  const { tool, when, zone, missed, graceMs, overlap, jitterMs, notes } = definition;
  return {
    name,
    state: enabled ? (dueAt === undefined ? 'done' : 'active') : 'paused',
    tool,
    args: shown,
    when: whenText(when),
    zone,
    next: enabled ? nextOf(schedule, now) : [],
    missed,
    grace: durationText(graceMs),
    overlap,
    ...(jitterMs > 0 && { jitter: durationText(jitterMs) }),
    owner,
    failuresInARow: failures,
    ...(last && { last: firingView(last) }),
    ...(notes !== undefined && { notes }),
  };
}

/** With what was answered: for those who may make the call. */
export const wholeFiringView = (firing: Firing): FiringView => ({
  ...firingView(firing),
  ...(firing.output !== undefined && { output: firing.output }),
});

export function firingView(firing: Firing): FiringView {
  const { kind, fireAt, state, late, times, startedAt, endedAt, runId, reason, failure } = firing;
  return {
    kind,
    fireAt: iso(fireAt),
    state,
    ...(times > 1 && { times }),
    ...(late && { late }),
    ...(startedAt !== undefined && { startedAt: iso(startedAt) }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(runId !== undefined && { runId }),
    ...(reason !== undefined && { reason }),
    ...(failure && { code: failure.code, message: failure.message }),
  };
}

export const viewOf = (schedule: Schedule, firings: FiringStore, now: number): ScheduleView =>
  scheduleView(schedule, firings.lastOf(schedule.id), now);
