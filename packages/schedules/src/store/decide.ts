import type { StateFile } from '@flotilla/core';
import { planDue, type SkippedTimes } from '../plan/due.ts';
import { type Turn, turnOf } from '../plan/overlap.ts';
import { passed } from '../when/fire-times.ts';
import { fireTimes, jitterOf } from '../when/when.ts';
import { forgetOld, openFirings, type Sql } from './firing-sql.ts';
import type { Schedule } from './types.ts';

/** When a schedule is due after `from`, its jitter included. */
export function dueAfter(
  { id, definition }: Pick<Schedule, 'id' | 'definition'>,
  from: number,
): number | undefined {
  const jitter = jitterOf(id, definition.jitterMs);
  const next = fireTimes(definition.when, definition.zone).after(from - jitter);
  return next === undefined ? undefined : next + jitter;
}

/**
 * Decides what becomes of the fire times that have passed, in one commit with their rows: whoever comes second finds
 * them decided. Returns the firings that this process has to call now.
 */
export function decide(state: StateFile, schedule: Schedule, now: number, caller: string): Promise<number[]> {
  const { id, definition } = schedule;
  const { when, zone, overlap } = definition;
  const until = now - jitterOf(id, definition.jitterMs);
  // What was decided by a clock that was put back lies ahead: nothing has passed, and it goes on from here.
  const plan = planDue(passed(fireTimes(when, zone), schedule.decidedAt, until), until, definition);
  const dueAt = dueAfter(schedule, now);
  return state.write((sql) => {
    const ours = sql.run(
      `UPDATE schedule SET decided_at = ?, due_at = ?
       WHERE id = ? AND revision = ? AND decided_at = ? AND enabled = 1`,
      [until, dueAt ?? null, id, schedule.revision, schedule.decidedAt],
    );
    if (ours.changes === 0) return [];
    if (plan.skipped) insertSkipped(sql, id, plan.skipped, now);
    const started = plan.fire.flatMap(({ at, late }) => {
      if (hadFiring(sql, id, at)) return [];
      const turn = turnOf(openFirings(sql, id), overlap, late);
      if (turn === 'replace') giveWay(sql, id, now);
      const firing = insertFiring(sql, { schedule: id, fireAt: at, late, turn, caller, now });
      return firing !== undefined && turn === 'start' ? [firing] : [];
    });
    forgetOld(sql, id);
    return started;
  });
}

const hadFiring = (sql: Sql, schedule: string, fireAt: number): boolean =>
  sql.get(
    "SELECT 1 FROM schedule_firing WHERE schedule = ? AND kind = 'time' AND fire_at = ? AND state <> 'skipped'",
    [schedule, fireAt],
  ) !== undefined;

function insertSkipped(
  sql: Sql,
  schedule: string,
  { at, count, more, reason }: SkippedTimes,
  now: number,
): void {
  sql.run(
    `INSERT INTO schedule_firing (schedule, kind, fire_at, state, open, times, reason, decided_at, ended_at)
     VALUES (?, 'time', ?, 'skipped', 0, ?, ?, ?, ?) ON CONFLICT (schedule, kind, fire_at) DO NOTHING`,
    [schedule, at, count, more ? `${reason} (and earlier ones)` : reason, now, now],
  );
}

interface NewFiring {
  schedule: string;
  fireAt: number;
  late: boolean;
  turn: Turn;
  caller: string;
  now: number;
}

/** One that was skipped before, by a clock that was wrong, may still come. */
function insertFiring(
  sql: Sql,
  { schedule, fireAt, late, turn, caller, now }: NewFiring,
): number | undefined {
  const starts = turn === 'start';
  const skip = typeof turn === 'object' ? turn.skip : undefined;
  const row = sql.get<{ id: number }>(
    `INSERT INTO schedule_firing
       (schedule, kind, fire_at, state, open, late, caller, call, reason, decided_at, started_at, ended_at)
     SELECT id, 'time', ?, ?, ?, ?, ?, CASE WHEN ? THEN call END, ?, ?, ?, ? FROM schedule WHERE id = ?
     ON CONFLICT (schedule, kind, fire_at) DO UPDATE SET state = excluded.state, open = excluded.open, late = excluded.late,
       times = 1, caller = excluded.caller, call = excluded.call, reason = excluded.reason,
       decided_at = excluded.decided_at, started_at = excluded.started_at, ended_at = excluded.ended_at
     WHERE schedule_firing.state = 'skipped'
     RETURNING id`,
    [
      ...[fireAt, starts ? 'calling' : skip === undefined ? 'queued' : 'skipped', Number(skip === undefined)],
      ...[Number(late), starts ? caller : null, Number(starts), skip ?? null],
      ...[now, starts ? now : null, skip === undefined ? null : now, schedule],
    ],
  );
  return row?.id;
}

/** Those that wait are dropped, those under way are asked to end. */
function giveWay(sql: Sql, schedule: string, now: number): void {
  sql.run(
    `UPDATE schedule_firing SET state = 'skipped', open = 0, ended_at = ?, reason = 'replaced by a later one'
     WHERE schedule = ? AND state = 'queued'`,
    [now, schedule],
  );
  sql.run('UPDATE schedule_firing SET replaced = 1 WHERE schedule = ? AND open = 1', [schedule]);
}
