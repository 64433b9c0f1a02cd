import type { Sql } from '@flotilla/store';
import { anotherQueueLives } from '../driver/leases.ts';
import type { Ticket } from '../driver/port.ts';
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
  await parts.driver.enqueueMany(ready.map(toTicket));
}

/** What the queue and the runs must agree on. The queue may be away: then it is tried again later. */
export async function mendQueue(parts: EngineParts): Promise<void> {
  await releaseUnblocked(parts);
  await requeueLost(parts);
  await repeatCancels(parts);
}

interface OpenRun {
  seq: number;
  id: string;
  lane: string;
  epoch: number;
}

const PAGE = 1000;

/** Open runs that no ticket points to: their process died between two writes, or a driver lost them. */
async function requeueLost(parts: EngineParts): Promise<void> {
  const { store, driver, log } = parts;
  if (driver.sharesStore && store.read(anotherQueueLives)) {
    log.debug('another process of this data folder has its queue in Redis: its runs are left to it');
    return;
  }
  for (let after = 0; ; ) {
    const page = store.read((sql) => openRuns(sql, after));
    const last = page.at(-1);
    if (!last) return;
    after = last.seq;
    const candidates = store.read((sql) => page.filter((run) => mayBeLost(parts, sql, run)));
    const missing = new Set(await driver.missing(candidates.map(toTicket)));
    await requeue(
      parts,
      candidates.filter((run) => missing.has(ticketId(run.id, run.epoch))),
    );
  }
}

async function requeue(parts: EngineParts, missing: readonly OpenRun[]): Promise<void> {
  if (missing.length === 0) return;
  const lost = await parts.store.write((sql) =>
    missing.filter(
      (run) =>
        mayBeLost(parts, sql, run) &&
        sql.run('UPDATE job_run SET epoch = epoch + 1 WHERE id = ? AND open = 1 AND epoch = ?', [
          run.id,
          run.epoch,
        ]).changes === 1,
    ),
  );
  await parts.driver.enqueueMany(lost.map((run) => toTicket({ ...run, epoch: run.epoch + 1 })));
}

const toTicket = ({ id, epoch, lane }: Omit<OpenRun, 'seq'>): Ticket => ({ id: ticketId(id, epoch), lane });

const openRuns = (sql: Sql, after: number): OpenRun[] =>
  sql.all<OpenRun>(
    `SELECT seq, id, lane, epoch FROM job_run WHERE open = 1 AND state <> 'scheduled' AND seq > ?
     ORDER BY seq LIMIT ${PAGE}`,
    [after],
  );

/** Neither executed here, nor waiting for a lock, nor held by a process that has its tickets in the state file. */
function mayBeLost({ sessions, driver }: EngineParts, sql: Sql, { id, epoch }: OpenRun): boolean {
  if (sessions.has(id) || blockedBy(sql, id)) return false;
  const heldInFile = 'SELECT 1 FROM job_ticket WHERE id = ? AND holder IS NOT NULL';
  return driver.sharesStore || sql.get(heldInFile, [ticketId(id, epoch)]) === undefined;
}

/** Their holder may not have been reachable when they were asked for. */
async function repeatCancels({ store, driver }: EngineParts): Promise<void> {
  if (driver.sharesStore) return;
  const cancelling = store.read((sql) =>
    sql.all<{ id: string; epoch: number }>(
      "SELECT id, epoch FROM job_run WHERE open = 1 AND state = 'cancelling' LIMIT 1000",
    ),
  );
  await Promise.all(cancelling.map(({ id, epoch }) => driver.cancel(ticketId(id, epoch))));
}

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
