import { FlotillaError, type Principal, type Question } from '@flotilla/core';
import type { EngineParts } from '../engine-parts.ts';
import type { Verdict } from '../steps/approval-step.ts';
import { type StepRow, stepHeadsOf, updateStep } from '../steps/step-rows.ts';
import { findRun, refreshWaiting } from './run-rows.ts';

export interface RunAnswer {
  answer: string;
  /** Needed when several steps ask at once. */
  step?: string;
  alias?: string;
}

/** Answers the question of a waiting run, from any process. A secret is typed by a person with the CLI only. */
export async function answerRun(
  parts: EngineParts,
  id: string,
  answer: RunAnswer,
  principal: Principal,
): Promise<void> {
  const step = parts.store.read((sql) => {
    if (!findRun(sql, id))
      throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
    return askingStep(stepHeadsOf(sql, id), answer);
  });
  const question = JSON.parse(step.question) as Question;
  if (question.secret && principal.kind !== 'cli') {
    throw new FlotillaError('DENIED', 'A secret is asked for, which only a person may type.', {
      details: { id, alias: step.alias },
      hint: `In a terminal: flotilla task answer ${id}`,
    });
  }
  if (question.approval) return answerApproval(parts, step, question.approval, answer.answer, principal);
  if (step.command_id === null) throw new FlotillaError('CONFLICT', 'The run asks nothing now.');
  await parts.runner.answer(step.alias, step.command_id, question.number, answer.answer);
  await parts.store.write(
    (sql) => {
      const still = sql.get('SELECT 1 FROM job_step WHERE id = ? AND question = ?', [step.id, step.question]);
      if (!still) return;
      updateStep(sql, step, { state: 'running', question: null, asked_at: null });
      refreshWaiting(sql, id);
    },
    { durable: false },
  );
  parts.changes.emit(id);
}

/** Only a person approves, and only what the question shows. DENIED, INVALID_INPUT, CONFLICT. */
async function answerApproval(
  parts: EngineParts,
  step: StepRow,
  { digest, expiresAt }: NonNullable<Question['approval']>,
  words: string,
  principal: Principal,
): Promise<void> {
  if (principal.kind !== 'cli')
    throw new FlotillaError('DENIED', 'An approval is asked for, which only a person may give.', {
      details: { id: step.run },
      hint: `In a terminal: flotilla task answer ${step.run}`,
    });
  const said = /^(?:(y|yes|approve)|(n|no|deny))$/i.exec(words.trim());
  if (!said) throw new FlotillaError('INVALID_INPUT', 'An approval is answered with yes or no.');
  const at = parts.now();
  if (at > expiresAt) throw new FlotillaError('CONFLICT', 'It was asked too long ago.');
  const value: Verdict = { approved: said[1] !== undefined, digest, by: principal.id, at };
  const outcome = JSON.stringify({ value });
  const counted = await parts.store.write((sql) => {
    const still = 'SELECT 1 FROM job_step WHERE id = ? AND question = ? AND outcome IS NULL';
    if (!sql.get(still, [step.id, step.question])) return false;
    updateStep(sql, step, { state: 'running', question: null, outcome });
    refreshWaiting(sql, step.run);
    return true;
  });
  if (!counted) throw new FlotillaError('CONFLICT', 'The run asks nothing now.');
  parts.changes.emit(step.run);
}

function askingStep(steps: readonly StepRow[], answer: RunAnswer): StepRow & { question: string } {
  const asking = steps.filter(
    (step): step is StepRow & { question: string } =>
      step.question !== null &&
      (answer.step === undefined || step.key === answer.step) &&
      (answer.alias === undefined || step.alias === answer.alias),
  );
  const [first] = asking;
  if (!first) throw new FlotillaError('CONFLICT', 'The run asks nothing now.');
  if (asking.length === 1) return first;
  throw new FlotillaError('INVALID_INPUT', 'Several steps ask at once: name one.', {
    details: { asking: asking.map(({ key, alias }) => ({ step: key, alias })) },
  });
}
