import { Definition, FIRING_STATES, type Firing, FiringFailure, type Schedule } from './types.ts';

export interface ScheduleRow {
  id: string;
  name: string;
  definition: string;
  call: string;
  shown: string;
  owner: string;
  enabled: number;
  revision: number;
  decided_at: number;
  due_at: number | null;
  failures: number;
  added_at: number;
  changed_at: number;
}

export interface FiringRow {
  id: number;
  schedule: string;
  kind: string;
  fire_at: number;
  state: string;
  late: number;
  times: number;
  caller: string | null;
  beat: number;
  run_id: string | null;
  replaced: number;
  reason: string | null;
  failure: string | null;
  output: string | null;
  decided_at: number;
  started_at: number | null;
  ended_at: number | null;
}

export const scheduleOf = (row: ScheduleRow): Schedule => ({
  id: row.id,
  name: row.name,
  definition: Definition.parse(JSON.parse(row.definition)),
  shown: JSON.parse(row.shown) as Record<string, unknown>,
  owner: row.owner,
  enabled: row.enabled === 1,
  revision: row.revision,
  decidedAt: row.decided_at,
  ...(row.due_at !== null && { dueAt: row.due_at }),
  failures: row.failures,
  addedAt: row.added_at,
  changedAt: row.changed_at,
});

export const firingOf = (row: FiringRow): Firing => ({
  id: row.id,
  schedule: row.schedule,
  kind: row.kind === 'hand' ? 'hand' : 'time',
  fireAt: row.fire_at,
  state: FIRING_STATES.find((state) => state === row.state) ?? 'unknown',
  late: row.late === 1,
  times: row.times,
  ...(row.caller !== null && { caller: row.caller }),
  beat: row.beat,
  ...(row.run_id !== null && { runId: row.run_id }),
  replaced: row.replaced === 1,
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.failure !== null && { failure: FiringFailure.parse(JSON.parse(row.failure)) }),
  ...(row.output !== null && { output: row.output }),
  decidedAt: row.decided_at,
  ...(row.started_at !== null && { startedAt: row.started_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
});
