import { FlotillaError, isOpen, type Principal, type RunRequest } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { EngineParts } from '../engine-parts.ts';
import { linkOutput } from '../output/output-folder.ts';
import { openArgs, secretPathsOf } from '../store/stored-args.ts';
import { freeLocks } from './locks.ts';
import { queueTicket } from './queue-ticket.ts';
import { findRun, type RunRow } from './run-rows.ts';
import { type SubmitContext, type Submitted, submitRun } from './submit.ts';

/** A new run with the arguments of an ended one; `failed` keeps the results of the steps that succeeded. */
export async function retryRun(
  context: SubmitContext,
  id: string,
  from: 'start' | 'failed',
  principal: Principal,
): Promise<Submitted> {
  const { parts } = context;
  const row = parts.store.read((sql) => required(sql, id));
  if (isOpen(row.state)) {
    throw new FlotillaError('CONFLICT', `The run has not ended: ${row.state}.`, {
      details: { id, state: row.state },
    });
  }
  if (row.state === 'interrupted') {
    throw new FlotillaError(
      'CONFLICT',
      'Whether the run took effect is not known; a person has to resolve it first.',
      {
        details: { id },
        hint: `Look at the host, then: flotilla task resolve ${id}`,
      },
    );
  }
  const request: RunRequest = {
    tool: row.tool,
    lane: row.lane,
    args: openArgs(row.args, parts.cipher),
    secretPaths: secretPathsOf(row.args),
    principal,
    aliases: JSON.parse(row.aliases) as string[],
    summary: row.summary,
    ...(row.locks && { locks: JSON.parse(row.locks) as string[] }),
    retryOf: id,
  };
  if (from === 'start') return submitRun(context, request);
  const also = (sql: Sql, newId: string): void => {
    copySteps(sql, id, newId);
    linkOutput(parts.outputDir, id, newId);
  };
  return submitRun({ ...context, also }, request);
}

function copySteps(sql: Sql, from: string, to: string): void {
  sql.run(
    `INSERT INTO job_step (run, key, alias, kind, state, attempt, command_id, intent_at, acked, outcome, exit_code,
       signal, note, ended_at)
     SELECT :to, key, alias, kind, state, attempt, command_id, intent_at, acked, outcome, exit_code, signal, note,
       ended_at
     FROM job_step WHERE run = :from AND state = 'succeeded' ORDER BY id`,
    { from, to },
  );
}

export type Verdict = 'succeeded' | 'failed' | 'retry';

/** A person's word on an interrupted run. `retry` goes on with the same run; its locks stay. CONFLICT otherwise. */
export async function resolveRun(
  parts: EngineParts,
  id: string,
  verdict: Verdict,
  note: string,
  principal: Principal,
): Promise<{ freed: boolean }> {
  const words = `resolved as ${verdict} by ${principal.id}${note ? `: ${note}` : ''}`;
  const { row, freed } = await parts.store.write((sql) => {
    const row = required(sql, id);
    if (row.state !== 'interrupted') {
      throw new FlotillaError(
        'CONFLICT',
        `Only an interrupted run can be resolved; this one is ${row.state}.`,
        {
          details: { id, state: row.state },
        },
      );
    }
    if (verdict === 'retry') {
      queueAgain(sql, id, words);
      return { row, freed: false };
    }
    sql.run(
      `UPDATE job_run SET state = :verdict, note = :words,
         failure = CASE WHEN :verdict = 'succeeded' THEN NULL ELSE failure END WHERE id = :id`,
      { id, verdict, words },
    );
    sql.run(
      `UPDATE job_step SET state = :verdict, note = :words, remote = NULL WHERE run = :id AND state = 'interrupted'`,
      { id, verdict, words },
    );
    return { row, freed: freeLocks(sql, id) };
  });
  if (verdict === 'retry') {
    await queueTicket(parts, row, row.epoch + 1);
  }
  parts.changes.emit(id);
  return { freed };
}

function queueAgain(sql: Sql, id: string, note: string): void {
  sql.run(
    `UPDATE job_run SET state = 'queued', open = 1, epoch = epoch + 1, ended_at = NULL, output = NULL,
       is_error = NULL, failure = NULL, cancel = NULL, note = ? WHERE id = ?`,
    [note, id],
  );
  sql.run(
    `UPDATE job_step SET state = 'queued', outcome = NULL, failure = NULL, ended_at = NULL, note = ?
     WHERE run = ? AND state = 'interrupted'`,
    [note, id],
  );
}

function required(sql: Sql, id: string): RunRow {
  const row = findRun(sql, id);
  if (!row) throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
  return row;
}
