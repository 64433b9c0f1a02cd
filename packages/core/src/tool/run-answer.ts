import { type Failure, FlotillaError } from '../errors.ts';
import { isOpen, type RunView } from '../ports/runs.ts';
import { capText } from '../text/cap.ts';
import { fenceRemote } from '../text/visible.ts';
import type { ToolAnswer } from './answer.ts';
import type { CompiledTool } from './compile.ts';
import { answerForFailure, failureOf } from './failure-answer.ts';
import type { HandlerResult } from './handler.ts';
import { capValue, limitsOf, type Shaping, shapeText } from './shape.ts';

const TAIL_BYTES = 4_000;

/** The answer of a call whose run goes on: reserved top-level key `run`. */
export interface RunHandle {
  run: { id: string; state: string; summary: string; tail: string; next: string };
}

const asks = (view: RunView) => view.steps.find((step) => step.question !== undefined);

/** What the caller does next, with the question of a waiting run. */
export function nextForRun(view: RunView): string {
  const id = JSON.stringify(view.id);
  if (!isOpen(view.state)) return `It has ended. task_output {"id":${id}} shows all of its output.`;
  const step = asks(view);
  if (view.state === 'waiting' && step?.question !== undefined) {
    const where = step.alias === undefined ? '' : ` on ${step.alias}`;
    const prompt = fenceRemote(capText(step.question.prompt, 1_000).text, `prompt${where}`);
    return step.question.secret
      ? `It asks for a secret${where}; a person answers in a terminal: flotilla task answer ${view.id}\n${prompt}`
      : `It waits for an answer${where}: task_answer with id ${id}.\n${prompt}`;
  }
  const waiting = view.waitingFor === undefined ? '' : ` (${view.waitingFor.replace(/\.$/, '')})`;
  return `It goes on${waiting}. task_wait {"id":${id}} waits for its end, task_output reads its output, task_cancel stops it.`;
}

export function runHandle(view: RunView): RunHandle {
  const { id, state, summary } = view;
  const tail = capText(view.tail, TAIL_BYTES).text;
  return { run: { id, state, summary, tail, next: nextForRun(view) } };
}

export function runHandleText(view: RunView): string {
  const { run } = runHandle(view);
  const { progress } = view;
  const done =
    progress === undefined
      ? ''
      : ` (${progress.progress}${progress.total ? ` of ${progress.total}` : ''}${progress.message ? `, ${progress.message}` : ''})`;
  const lines = [`${run.id} ${run.state}${done}: ${run.summary}`, run.next];
  if (run.tail.trim() !== '') lines.push(fenceRemote(run.tail, 'output so far'));
  return lines.join('\n');
}

/** Why a run ended without an output; undefined while it is open or when it has one. */
export function runFailure(view: RunView): Failure | undefined {
  if (view.failure !== undefined) return view.failure;
  if (isOpen(view.state) || view.output !== undefined) return undefined;
  const details = { runId: view.id };
  const at = view.endedAt ?? view.createdAt;
  switch (view.state) {
    case 'cancelled':
      return failureOf(new FlotillaError('CANCELLED', 'The run was cancelled.', { details }), at);
    case 'timed_out':
      return failureOf(new FlotillaError('TIMEOUT', 'The run reached its time limit.', { details }), at);
    case 'interrupted':
      return failureOf(
        new FlotillaError('INTERRUPTED', 'The run was cut off; its outcome is not known.', { details }),
        at,
      );
    default:
      return failureOf(
        new FlotillaError('INTERNAL', `The run ended ${view.state} without a result.`, { details }),
        at,
      );
  }
}

/** A handler's output as an answer: redacted, capped, with the tool's own text. */
export function outputAnswer(
  compiled: CompiledTool,
  input: Record<string, unknown>,
  result: HandlerResult,
  shaping: Shaping,
  runId?: string,
): ToolAnswer {
  const limits = limitsOf(shaping);
  const { value, cuts } = capValue(shaping.redactor.value(result.output), limits);
  const text = compiled.tool.text?.(value as never, input as never) ?? JSON.stringify(value, null, 1);
  const more = runId === undefined ? undefined : `task_output {"id":"${runId}"}`;
  const left = cuts.map((cut) => `${cut.path}: ${cut.leftOut} left out`).slice(0, 5);
  const notes = left.length === 0 ? '' : `\n… too large, ${left.join(', ')}${more ? `; ${more}` : ''} …`;
  return {
    structuredContent: value,
    content: [{ type: 'text', text: shapeText(text, shaping, more) + notes }],
    ...(result.isError && { isError: true }),
    ...(cuts.length > 0 && { extra: { _meta: { 'dev.flotilla/cut': cuts.slice(0, 100) } } }),
  };
}

/** A run as the answer of the call that started it: handle, output or failure. */
export function answerForRun(
  compiled: CompiledTool,
  input: Record<string, unknown>,
  view: RunView,
  shaping: Shaping,
): ToolAnswer {
  const failure = runFailure(view);
  if (!isOpen(view.state) && failure !== undefined) return answerForFailure(failure, shaping);
  if (!isOpen(view.state) && view.output !== undefined)
    return outputAnswer(
      compiled,
      input,
      { output: view.output, isError: view.isError ?? false },
      shaping,
      view.id,
    );
  const handle = shaping.redactor.value(runHandle(view));
  return {
    structuredContent: handle,
    content: [{ type: 'text', text: shapeText(runHandleText(view), shaping) }],
  };
}
