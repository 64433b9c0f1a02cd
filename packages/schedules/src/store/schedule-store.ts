import { randomBytes } from 'node:crypto';
import { FlotillaError, listed, nearest, type StateFile } from '@flotilla/core';
import { type ScheduleRow, scheduleOf } from './rows.ts';
import type { Definition, Schedule } from './types.ts';

export const MAX_SCHEDULES = 500;

export interface NewSchedule {
  id: string;
  name: string;
  definition: Definition;
  /** Sealed. */
  call: string;
  shown: Record<string, unknown>;
  owner: string;
  enabled: boolean;
  decidedAt: number;
  dueAt: number | undefined;
}

export interface ScheduleStore {
  list(): Schedule[];
  find(name: string): Schedule | undefined;
  byId(id: string): Schedule | undefined;
  /** NOT_FOUND names the nearest. */
  get(name: string): Schedule;
  /** Its call, sealed. */
  call(id: string): string | undefined;
  /** CONFLICT when it is not at `revision` any more (0: not there yet), or there are too many. */
  save(schedule: NewSchedule, revision: number): Promise<void>;
  /** What waits for the one before does not start any more. */
  pause(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Those that are due, and those that a clock which was put back left behind. */
  due(now: number): Schedule[];
  /** When the next one is due. */
  nextDue(): number | undefined;
}

/** Two processes of one machine have one clock. */
const CLOCK_PUT_BACK_MS = 1_000;

export const newScheduleId = (): string => `sch_${randomBytes(10).toString('hex')}`;

export function scheduleStore(state: StateFile): ScheduleStore {
  const all = (where: string, params: readonly (string | number)[]): Schedule[] =>
    state.read((sql) => sql.all<ScheduleRow>(`SELECT * FROM schedule ${where}`, params).map(scheduleOf));
  const find = (name: string): Schedule | undefined => all('WHERE name = ?', [name])[0];
  return {
    list: () => all('ORDER BY name', []),
    find,
    byId: (id) => all('WHERE id = ?', [id])[0],
    get(name) {
      const found = find(name);
      if (found) return found;
      const known = all('ORDER BY name', []).map((one) => one.name);
      throw new FlotillaError('NOT_FOUND', `There is no schedule ${JSON.stringify(name)}.`, {
        details: { name, nearest: nearest(name, known) },
        hint: `Known: ${listed(known)}. Add one with schedule_add.`,
      });
    },
    call: (id) =>
      state.read((sql) => sql.get<{ call: string }>('SELECT call FROM schedule WHERE id = ?', [id])?.call),
    save: (schedule, revision) =>
      state.write((sql) => {
        const { id, name, definition, call, shown, owner, enabled, decidedAt, dueAt } = schedule;
        const values = [
          ...[JSON.stringify(definition), call, JSON.stringify(shown), owner, Number(enabled)],
          ...[decidedAt, dueAt ?? null, Date.now()],
        ];
        const changes =
          revision === 0
            ? sql.run(
                `INSERT INTO schedule
                   (definition, call, shown, owner, enabled, decided_at, due_at, changed_at, added_at, id, name, revision)
                 SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1 WHERE (SELECT count(*) FROM schedule) < ?
                 ON CONFLICT (name) DO NOTHING`,
                [...values, Date.now(), id, name, MAX_SCHEDULES],
              ).changes
            : sql.run(
                `UPDATE schedule SET definition = ?, call = ?, shown = ?, owner = ?, enabled = ?, decided_at = ?, due_at = ?,
                   changed_at = ?, failures = 0, revision = revision + 1 WHERE id = ? AND revision = ?`,
                [...values, id, revision],
              ).changes;
        if (changes === 1) return;
        throw revision === 0 &&
          (sql.get<{ n: number }>('SELECT count(*) AS n FROM schedule')?.n ?? 0) >= MAX_SCHEDULES
          ? new FlotillaError('CONFLICT', `There are ${MAX_SCHEDULES} schedules, which is the most.`, {
              hint: 'Remove one with schedule_remove, or let one call do more: a tool takes many hosts, a pipeline many steps.',
            })
          : new FlotillaError(
              'CONFLICT',
              `The schedule ${name} was changed by another call at the same time.`,
            );
      }),
    pause: async (id) => {
      await state.write((sql) => {
        const now = Date.now();
        sql.run(
          'UPDATE schedule SET enabled = 0, due_at = NULL, revision = revision + 1, changed_at = ? WHERE id = ?',
          [now, id],
        );
        sql.run(
          `UPDATE schedule_firing SET state = 'skipped', open = 0, ended_at = ?, reason = 'paused before its turn came'
           WHERE schedule = ? AND state = 'queued'`,
          [now, id],
        );
      });
    },
    remove: async (id) => {
      await state.write((sql) => sql.run('DELETE FROM schedule WHERE id = ?', [id]));
    },
    due: (now) =>
      all('WHERE enabled = 1 AND (due_at <= ? OR decided_at > ?) ORDER BY due_at', [
        now,
        now + CLOCK_PUT_BACK_MS,
      ]),
    nextDue: () =>
      state.read(
        (sql) => sql.get<{ at: number | null }>('SELECT min(due_at) AS at FROM schedule')?.at ?? undefined,
      ),
  };
}
