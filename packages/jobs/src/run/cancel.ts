import { FlotillaError, isOpen, type Principal } from '@flotilla/core';
import type { EngineParts } from '../engine-parts.ts';
import { ticketId } from '../ids.ts';
import { freeLocks } from './locks.ts';
import { endRun, findRun } from './run-rows.ts';

/** Records the cancel durably and tells the holder, wherever it is. CONFLICT when the run has ended. */
export async function cancelRun(
  parts: EngineParts,
  id: string,
  principal: Principal,
): Promise<{ freed: boolean }> {
  const { ticket, freed, ended } = await parts.store.write((sql) => {
    const row = findRun(sql, id);
    if (!row) throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
    if (!isOpen(row.state)) {
      throw new FlotillaError('CONFLICT', `The run has ended: ${row.state}.`, {
        details: { id, state: row.state },
      });
    }
    const begun = row.state !== 'queued' && row.state !== 'scheduled';
    sql.run("UPDATE job_run SET cancel = ?, state = 'cancelling' WHERE id = ?", [principal.id, id]);
    if (!begun) endRun(sql, id, { state: 'cancelled', endedAt: parts.now(), tail: row.tail });
    return { ticket: ticketId(id, row.epoch), ended: !begun, freed: !begun && freeLocks(sql, id) };
  });
  const later = (error: unknown): void =>
    parts.log.warn({ err: error, run: id }, 'a cancel reaches its holder when the queue is there again');
  if (ended) {
    await parts.driver.withdraw(ticket).catch(later);
  } else {
    parts.sessions.get(id)?.stop('cancelled');
    await parts.driver.cancel(ticket).catch(later);
  }
  parts.changes.emit(id);
  return { freed };
}
