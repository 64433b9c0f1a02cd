import type { StateFile } from '@flotilla/core';
import type { OpenFirings } from '../plan/overlap.ts';

export type Sql = Parameters<Parameters<StateFile['write']>[0]>[0];

/** Kept of each schedule; what is open is never forgotten. */
const KEEP_FIRINGS = 1_000;

export const openFirings = (sql: Sql, schedule: string): OpenFirings =>
  sql.get<{ started: number; queued: number }>(
    `SELECT count(*) FILTER (WHERE state <> 'queued') AS started, count(*) FILTER (WHERE state = 'queued') AS queued
     FROM schedule_firing WHERE schedule = ? AND open = 1`,
    [schedule],
  ) ?? { started: 0, queued: 0 };

export const forgetOld = (sql: Sql, schedule: string): void => {
  sql.run(
    `DELETE FROM schedule_firing WHERE schedule = ? AND open = 0 AND id <=
       (SELECT id FROM schedule_firing WHERE schedule = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    [schedule, schedule, KEEP_FIRINGS],
  );
};
