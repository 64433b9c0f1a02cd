import { FlotillaError, type RunRequest } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { EngineParts } from '../engine-parts.ts';
import { newRunId, ticketId } from '../ids.ts';
import { storeArgs } from '../store/stored-args.ts';
import type { KnownRun } from './known-run.ts';
import { blockedBy, queueForLocks } from './locks.ts';
import { queueTicket } from './queue-ticket.ts';
import { countOpen, findByKey, findInFlight, insertRun, type NewRun } from './run-rows.ts';

export interface Submitted {
  id: string;
  existing: boolean;
}

/** Thrown inside the transaction to undo it: an identical call is there already. */
class AlreadyThere extends Error {
  readonly id: string;

  constructor(id: string) {
    super('already there');
    this.id = id;
  }
}

export interface SubmitContext {
  parts: EngineParts;
  /** Runs whose rows are being committed, for the delivery that comes before the commit. */
  fresh: Map<string, KnownRun>;
  /** More to be written with the run's row. */
  also?: (sql: Sql, runId: string) => void;
}

/** Stores a run and its ticket in one commit; the handler may have begun by then, but no effect has. */
export async function submitRun(context: SubmitContext, request: RunRequest): Promise<Submitted> {
  const { parts, fresh } = context;
  if (!parts.digests.ready) await parts.digests.prepare();
  const run = toRow(parts, request);
  const existing = parts.store.read((sql) => admit(sql, run, parts.limits.maxOpenRuns));
  if (existing) return existing;

  const locks = request.locks ?? [];
  const stored = parts.store.write((sql) => {
    const other = admit(sql, run, parts.limits.maxOpenRuns);
    if (other) throw new AlreadyThere(other.id);
    const seq = insertRun(sql, run);
    context.also?.(sql, run.id);
    queueForLocks(sql, run.id, seq, locks);
    return locks.length === 0 || !blockedBy(sql, run.id);
  });
  try {
    const ready = locks.length === 0 && !context.also;
    if (ready) fresh.set(run.id, toFresh(request));
    if (ready && parts.driver.sharesStore) await Promise.all([stored, enqueueFresh(parts, run)]);
    else if (await stored) await queueTicket(parts, run, 1);
    return { id: run.id, existing: false };
  } catch (error) {
    if (error instanceof AlreadyThere) return { id: error.id, existing: true };
    throw error;
  } finally {
    fresh.delete(run.id);
  }
}

const enqueueFresh = (parts: EngineParts, { id, lane }: NewRun): Promise<'added' | 'exists'> =>
  parts.driver.enqueue({ id: ticketId(id, 1), lane }, { fresh: true });

/** The run that this call repeats, if there is one. CONFLICT, QUEUE_FULL. */
function admit(sql: Sql, run: NewRun, maxOpenRuns: number): Submitted | undefined {
  if (run.idempotency_key !== null) {
    const same = findByKey(sql, run.principal, run.idempotency_key);
    if (same && same.digest !== run.digest) {
      throw new FlotillaError('CONFLICT', 'This idempotencyKey was used for another call.', {
        details: { run: same.id },
        hint: `Use a new idempotencyKey, or look at the earlier run: task_status ${same.id}`,
      });
    }
    if (same) return { id: same.id, existing: true };
  }
  // Two keys are two wishes, even for the same call.
  const inFlight = run.idempotency_key === null ? findInFlight(sql, run.digest) : undefined;
  if (inFlight) return { id: inFlight.id, existing: true };
  const open = countOpen(sql);
  if (open < maxOpenRuns) return undefined;
  throw new FlotillaError('QUEUE_FULL', `${open} runs are open, the limit is ${maxOpenRuns}.`, {
    details: { open, limit: maxOpenRuns },
  });
}

function toRow(parts: EngineParts, request: RunRequest): NewRun {
  const { redactor, cipher, digests } = parts;
  const now = parts.now();
  const { lane, tool, args, principal } = request;
  return {
    id: newRunId(now),
    lane,
    tool,
    summary: redactor?.text(request.summary) ?? request.summary,
    principal: principal.id,
    caller: JSON.stringify(principal),
    aliases: JSON.stringify(request.aliases),
    args: storeArgs(args, request.secretPaths, cipher, redactor),
    locks: request.locks?.length ? JSON.stringify(request.locks) : null,
    digest: digests.of({ principal: principal.id, lane, tool, args }),
    idempotency_key: request.idempotencyKey ?? null,
    retry_of: request.retryOf ?? null,
    created_at: now,
  };
}

const toFresh = (request: RunRequest): KnownRun => ({
  lane: request.lane,
  tool: request.tool,
  args: request.args,
  principal: request.principal,
  aliases: request.aliases,
});
