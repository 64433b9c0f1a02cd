import type { Sql } from '@flotilla/store';
import type { EngineParts } from '../engine-parts.ts';
import { ticketId } from '../ids.ts';
import { blockedBy, freeLocks, unblockedRuns } from '../run/locks.ts';

interface Stopping {
  id: number;
  run: string;
  alias: string;
  command_id: string;
}

/** Gives runs whose locks are free a ticket. */
export async function releaseUnblocked(parts: EngineParts): Promise<void> {
  const ready = parts.store.read(unblockedRuns);
  await parts.driver.enqueueMany(ready.map((run) => ({ id: ticketId(run.id, run.epoch), lane: run.lane })));
}

/** Open runs that no ticket points to: their process died between two writes, or a driver lost them. */
export async function requeueLost(parts: EngineParts): Promise<void> {
  if (parts.store.read(lostRuns).length === 0) return;
  const lost = await parts.store.write((sql) => {
    const ready = lostRuns(sql).filter((run) => !parts.sessions.has(run.id) && !blockedBy(sql, run.id));
    for (const run of ready) sql.run('UPDATE job_run SET epoch = epoch + 1 WHERE id = ?', [run.id]);
    return ready;
  });
  await parts.driver.enqueueMany(
    lost.map((run) => ({ id: ticketId(run.id, run.epoch + 1), lane: run.lane })),
  );
}

const lostRuns = (sql: Sql): { id: string; lane: string; epoch: number }[] =>
  sql.all(
    `SELECT id, lane, epoch FROM job_run WHERE open = 1 AND state <> 'scheduled'
       AND NOT EXISTS (SELECT 1 FROM job_ticket WHERE job_ticket.id = job_run.id || '.' || job_run.epoch)
     ORDER BY seq LIMIT 1000`,
  );

/** Cancels that did not reach their host are tried again until it confirms; only then the run's locks are free. */
export async function confirmStops(parts: EngineParts): Promise<void> {
  const stopping = parts.store.read((sql) =>
    sql.all<Stopping>("SELECT id, run, alias, command_id FROM job_step WHERE remote = 'stopping' LIMIT 200"),
  );
  const confirmed = await Promise.all(stopping.map((step) => confirmStop(parts, step)));
  if (confirmed.includes(true)) await releaseUnblocked(parts);
}

async function confirmStop(parts: EngineParts, step: Stopping): Promise<boolean> {
  try {
    const { state } = await parts.runner.cancel(step.alias, step.command_id);
    if (state === 'survivors') return false;
    await parts.store.write((sql) => {
      sql.run("UPDATE job_step SET remote = 'kept', note = ? WHERE id = ?", [
        `confirmed later: ${state}`,
        step.id,
      ]);
      if (sql.get("SELECT 1 FROM job_step WHERE run = ? AND remote = 'stopping'", [step.run])) return;
      sql.run('UPDATE job_run SET note = ? WHERE id = ?', [
        'the stop was confirmed by the host later',
        step.run,
      ]);
      freeLocks(sql, step.run);
    });
    parts.changes.emit(step.run);
    return true;
  } catch (error) {
    parts.log.debug({ err: error, run: step.run, alias: step.alias }, 'a stop is not confirmed yet');
    return false;
  }
}
