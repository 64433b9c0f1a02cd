import type { Redactor } from '@flotilla/core';
import type { LedgerOp } from '../run/ledger.ts';
import type { StepChange } from '../steps/step-rows.ts';

/** Everything in the changes that holds text of hosts and tools, masked; names and states stay. */
export const maskOps = (ops: readonly LedgerOp[], redactor: Redactor): LedgerOp[] =>
  ops.map((op) => maskOp(op, redactor));

function maskOp(op: LedgerOp, redactor: Redactor): LedgerOp {
  if (op.op === 'intent' || op.op === 'compensate') return op;
  if (op.op === 'step' || op.op === 'question') return { ...op, change: maskChange(op.change, redactor) };
  if (op.op === 'live')
    return {
      ...op,
      progress: json(op.progress, redactor),
      waitingFor: text(op.waitingFor, redactor),
      tail: redactor.text(op.tail),
    };
  if (op.op !== 'end') return op;
  const { output, failure, progress, note, tail } = op.end;
  return {
    ...op,
    end: {
      ...op.end,
      tail: redactor.text(tail),
      output: json(output, redactor),
      failure: json(failure, redactor),
      progress: json(progress, redactor),
      note: text(note, redactor),
    },
  };
}

function maskChange(change: StepChange, redactor: Redactor): StepChange {
  const { outcome, failure, question, note } = change;
  return {
    ...change,
    ...(outcome !== undefined && { outcome: json(outcome, redactor) }),
    ...(failure !== undefined && { failure: json(failure, redactor) }),
    ...(question !== undefined && { question: json(question, redactor) }),
    ...(note !== undefined && { note: text(note, redactor) }),
  };
}

function text<T extends string | null | undefined>(value: T, redactor: Redactor): T {
  return typeof value === 'string' ? (redactor.text(value) as T) : value;
}

function json<T extends string | null | undefined>(value: T, redactor: Redactor): T {
  return typeof value === 'string' ? (JSON.stringify(redactor.value(JSON.parse(value))) as T) : value;
}
