import type { EngineParts } from '../engine-parts.ts';
import { asError, failureJson } from '../failures.ts';
import { freeLocks } from './locks.ts';
import { endRun, findRun } from './run-rows.ts';

/**
 * Waits until a new run's ticket is queued. When it cannot be, the caller is told, so the run ends here: it must not
 * start when nobody expects it any more. A ticket that got through although its driver failed is taken as queued.
 */
export async function orEnd(parts: EngineParts, runId: string, queued: Promise<unknown>): Promise<void> {
  try {
    await queued;
  } catch (cause) {
    const error = asError(cause);
    const ended = await parts.store.write((sql) => {
      const row = findRun(sql, runId);
      if (row?.state !== 'queued' || row.fence > 0) return false;
      const failure = failureJson(error, parts.redactor, parts.now());
      endRun(sql, runId, { state: 'failed', endedAt: parts.now(), tail: '', failure });
      freeLocks(sql, runId);
      return true;
    });
    if (!ended) return;
    parts.changes.emit(runId);
    throw error;
  }
}
