import type { RunState } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { EngineParts } from '../engine-parts.ts';
import { removeOutput, storedOutputs } from '../output/output-folder.ts';

const BATCH = 200;

/** Ended runs whose removal loses nothing that is still to be decided. */
const REMOVABLE = `open = 0 AND NOT EXISTS (SELECT 1 FROM job_step WHERE run = job_run.id AND remote = 'stopping')`;

/** Removes history over its age or number, then output files over their age or size. */
export async function applyRetention(parts: EngineParts): Promise<void> {
  const { retentionMs, maxRuns } = parts.limits;
  await removeRuns(parts, () => {
    const before = parts.now() - retentionMs;
    return parts.store.read((sql) => [
      ...sql
        .all<{ id: string }>(
          `SELECT id FROM job_run WHERE ${REMOVABLE} AND state <> 'interrupted' AND ended_at < ? LIMIT ?`,
          [before, BATCH],
        )
        .map((row) => row.id),
      ...overNumber(sql, maxRuns),
    ]);
  });
  await removeOldOutput(parts);
}

function overNumber(sql: Sql, maxRuns: number): string[] {
  const rows = sql.all<{ id: string }>(
    `SELECT id FROM job_run WHERE ${REMOVABLE} AND state <> 'interrupted'
     ORDER BY ended_at DESC, seq DESC LIMIT ? OFFSET ?`,
    [BATCH, maxRuns],
  );
  return rows.map((row) => row.id);
}

/** Removes runs in short transactions, and their output. */
async function removeRuns(parts: EngineParts, next: () => string[]): Promise<void> {
  for (let ids = next(); ids.length > 0; ids = next()) {
    await deleteRuns(parts, ids);
  }
}

async function deleteRuns(parts: EngineParts, ids: readonly string[]): Promise<void> {
  await parts.store.write((sql) =>
    sql.run('DELETE FROM job_run WHERE open = 0 AND id IN (SELECT value FROM json_each(?))', [
      JSON.stringify(ids),
    ]),
  );
  for (const id of ids) removeOutput(parts.outputDir, id);
}

async function removeOldOutput(parts: EngineParts): Promise<void> {
  const { outputDir, limits, now } = parts;
  const stored = await storedOutputs(outputDir);
  const ended = parts.store.read(
    (sql) =>
      new Map(
        sql
          .all<{ id: string; ended_at: number }>('SELECT id, ended_at FROM job_run WHERE open = 0')
          .map((row) => [row.id, row.ended_at]),
      ),
  );
  const open = parts.store.read(
    (sql) => new Set(sql.all<{ id: string }>('SELECT id FROM job_run WHERE open = 1').map((row) => row.id)),
  );
  let bytes = stored.reduce((sum, one) => sum + one.bytes, 0);
  for (const { runId, bytes: size, modifiedMs } of stored) {
    if (open.has(runId)) continue;
    const old = now() - (ended.get(runId) ?? modifiedMs) > limits.outputRetentionMs;
    if (!old && bytes <= limits.outputBytes) continue;
    removeOutput(outputDir, runId);
    bytes -= size;
  }
}

export interface PurgeQuery {
  /** Default: every ended state but `interrupted`. */
  states?: readonly RunState[];
  /** Epoch milliseconds. */
  endedBefore?: number;
  dryRun?: boolean;
}

const PURGED: readonly RunState[] = ['succeeded', 'failed', 'cancelled', 'timed_out'];

/** Removes ended runs by state and age. */
export async function purgeRuns(
  parts: EngineParts,
  query: PurgeQuery,
): Promise<{ count: number; ids: string[] }> {
  const ids = parts.store.read((sql) =>
    sql
      .all<{ id: string }>(
        `SELECT id FROM job_run WHERE ${REMOVABLE} AND ended_at < :before
           AND state IN (SELECT value FROM json_each(:states)) ORDER BY seq`,
        {
          before: query.endedBefore ?? Number.MAX_SAFE_INTEGER,
          states: JSON.stringify(query.states ?? PURGED),
        },
      )
      .map((row) => row.id),
  );
  if (!query.dryRun) {
    for (let at = 0; at < ids.length; at += BATCH) await deleteRuns(parts, ids.slice(at, at + BATCH));
  }
  return { count: ids.length, ids };
}
