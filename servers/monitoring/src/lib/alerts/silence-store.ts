import { randomBytes } from 'node:crypto';
import { FlotillaError, type StateFile } from '@flotilla/core';
import type { Matcher } from '@flotilla/metrics';
import { matchesAll } from './matchers.ts';
import type { Labels } from './promql/ast.ts';

const KEEP_ENDED_MS = 90 * 86_400_000;
const PERIOD_MS: Readonly<Record<Every, number>> = { '': 0, day: 86_400_000, week: 604_800_000 };

export type Every = '' | 'day' | 'week';

/** Notices of alerts that match are not sent from `startsAt` to `endsAt`; `every`: again each day or week, a maintenance window. */
export interface Silence {
  id: string;
  matchers: Matcher[];
  startsAt: number;
  endsAt: number;
  every: Every;
  createdBy: string;
  comment: string;
  createdAt: number;
  /** Ended by hand. */
  endedAt?: number | undefined;
}

/** When it is in force around `now`: the window that goes on or comes next; undefined when it is over. */
export function windowOf(
  silence: Silence,
  now: number,
): { from: number; until: number; active: boolean } | undefined {
  const { startsAt, endsAt, every, endedAt } = silence;
  if (endedAt !== undefined && endedAt <= now) return undefined;
  const period = PERIOD_MS[every];
  const rounds = period === 0 || now < endsAt ? 0 : Math.floor((now - endsAt) / period) + 1;
  const [from, until] = [startsAt + rounds * period, endsAt + rounds * period];
  return now < until ? { from, until, active: now >= from } : undefined;
}

/** The silence in force that covers these labels. */
export const silencedBy = (silences: readonly Silence[], labels: Labels, now: number): Silence | undefined =>
  silences.find((silence) => windowOf(silence, now)?.active === true && matchesAll(silence.matchers, labels));

export interface SilenceStore {
  /** Newest first; without those that are over, unless asked for. */
  list(now: number, options?: { ended?: boolean }): Silence[];
  add(silence: Omit<Silence, 'id' | 'endedAt'>): Promise<Silence>;
  /** NOT_FOUND. */
  end(id: string, now: number): Promise<Silence>;
}

interface Row {
  id: string;
  matchers: string;
  starts_at: number;
  ends_at: number;
  every: string;
  created_by: string;
  comment: string;
  created_at: number;
  ended_at: number | null;
}

export function silenceStore(state: StateFile): SilenceStore {
  const all = (): Silence[] =>
    state
      .read((sql) => sql.all<Row>('SELECT * FROM monitoring_silence ORDER BY created_at DESC LIMIT 1000'))
      .map((row) => ({
        id: row.id,
        matchers: JSON.parse(row.matchers) as Matcher[],
        startsAt: row.starts_at,
        endsAt: row.ends_at,
        every: row.every as Every,
        createdBy: row.created_by,
        comment: row.comment,
        createdAt: row.created_at,
        endedAt: row.ended_at ?? undefined,
      }));
  return {
    list: (now, { ended = false } = {}) =>
      all().filter((silence) => ended || windowOf(silence, now) !== undefined),
    async add(silence) {
      const id = `sil_${randomBytes(6).toString('hex')}`;
      const { matchers, startsAt, endsAt, every, createdBy, comment, createdAt } = silence;
      await state.write((sql) => {
        sql.run('DELETE FROM monitoring_silence WHERE every = ? AND ends_at < ?', [
          '',
          createdAt - KEEP_ENDED_MS,
        ]);
        sql.run('INSERT INTO monitoring_silence VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)', [
          ...[id, JSON.stringify(matchers), startsAt, endsAt, every, createdBy, comment, createdAt],
        ]);
      });
      return { ...silence, id };
    },
    async end(id, now) {
      const found = all().find((silence) => silence.id === id && windowOf(silence, now) !== undefined);
      if (!found)
        throw new FlotillaError(
          'NOT_FOUND',
          `There is no silence ${JSON.stringify(id)} in force or to come.`,
          {
            hint: 'alert_list shows the silences with their ids.',
          },
        );
      await state.write((sql) =>
        sql.run('UPDATE monitoring_silence SET ended_at = ? WHERE id = ?', [now, id]),
      );
      return { ...found, endedAt: now };
    },
  };
}
