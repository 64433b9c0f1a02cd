import type { Sql } from '@flotilla/store';
import { doubtfulSteps, updateStep, writeIntent } from '../steps/step-rows.ts';
import type { LedgerOp } from './ledger.ts';
import { freeLocks } from './locks.ts';
import { endRun, markCompensating, type RunEnd, refreshWaiting, updateLive } from './run-rows.ts';

/** Inside a transaction that has checked the fence. Returns whether locks were freed. */
export function applyOps(sql: Sql, run: string, ops: readonly LedgerOp[]): boolean {
  let freed = false;
  for (const op of ops) {
    switch (op.op) {
      case 'intent':
        writeIntent(sql, { ...op.step, run });
        break;
      case 'step':
        updateStep(sql, { run, key: op.key, alias: op.alias }, op.change);
        break;
      case 'question':
        updateStep(sql, { run, key: op.key, alias: op.alias }, op.change);
        refreshWaiting(sql, run);
        break;
      case 'live':
        updateLive(sql, run, { progress: op.progress, waitingFor: op.waitingFor, tail: op.tail });
        break;
      case 'compensate':
        markCompensating(sql, run);
        break;
      case 'end':
        freed = recordEnd(sql, run, op.end) || freed;
        break;
    }
  }
  return freed;
}

/** A step whose outcome is not known makes the whole run `interrupted`; what may still run keeps its locks. */
function recordEnd(sql: Sql, runId: string, end: RunEnd): boolean {
  const doubtful = doubtfulSteps(sql, runId);
  const unknown = doubtful.some((step) => step.state === 'interrupted');
  const mayRun = doubtful.filter((step) => step.remote === 'stopping').map((step) => step.alias);
  const note = mayRun.length > 0 ? `remoteMayStillRun: ${mayRun.join(', ')}` : undefined;
  const state = unknown && end.state !== 'cancelled' ? 'interrupted' : end.state;
  endRun(sql, runId, { ...end, state, note });
  return state !== 'interrupted' && mayRun.length === 0 && freeLocks(sql, runId);
}
