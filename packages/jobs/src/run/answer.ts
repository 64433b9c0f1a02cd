import { FlotillaError, type Principal, type Question } from '@flotilla/core';
import type { EngineParts } from '../engine-parts.ts';
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

function askingStep(
  steps: readonly StepRow[],
  answer: RunAnswer,
): StepRow & { question: string; command_id: string } {
  const asking = steps.filter(
    (step): step is StepRow & { question: string; command_id: string } =>
      step.question !== null &&
      step.command_id !== null &&
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
