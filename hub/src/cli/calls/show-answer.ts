import { type Failure, type RunHandle, type ToolAnswer, visibleControls } from '@flotilla/core';
import { EXIT } from '../terminal/exit-codes.ts';
import { reportFailure } from '../terminal/failure.ts';
import { forPeople } from '../terminal/hints.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Structured = Record<string, unknown>;

const structured = (answer: ToolAnswer): Structured =>
  typeof answer.structuredContent === 'object' && answer.structuredContent !== null
    ? (answer.structuredContent as Structured)
    : {};

export function failureIn(answer: ToolAnswer): Failure | undefined {
  const { error, code, message } = structured(answer);
  if (error !== true || typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { details: {}, hint: '', timestamp: '', ...structured(answer) } as unknown as Failure;
}

export function handleIn(answer: ToolAnswer): RunHandle['run'] | undefined {
  const { run } = structured(answer);
  if (typeof run !== 'object' || run === null || !('id' in run) || typeof run.id !== 'string')
    return undefined;
  return run as RunHandle['run'];
}

export const textOf = (answer: ToolAnswer): string =>
  answer.content
    .map((block) =>
      block.type === 'text' && typeof block['text'] === 'string' ? block['text'] : `[${block.type}]`,
    )
    .join('\n');

/** Prints an answer: its text for people, its data with `json`. Returns the exit code. */
export function showAnswer(terminal: Terminal, answer: ToolAnswer, json: boolean): number {
  const failure = failureIn(answer);
  if (failure) return reportFailure(terminal, failure, json);
  if (json) terminal.json(answer.structuredContent ?? answer.content);
  else terminal.print(visibleControls(textOf(answer)));
  return answer.isError === true ? EXIT.failed : EXIT.ok;
}

/** A run for people: what its last line tells an assistant to call is the command that does the same. */
export function showRun(terminal: Terminal, answer: ToolAnswer, json: boolean): number {
  if (json || failureIn(answer)) return showAnswer(terminal, answer, json);
  const lines = visibleControls(textOf(answer)).trimEnd().split('\n');
  const next = lines.pop() ?? '';
  terminal.print([...lines, forPeople(next)].join('\n'));
  return answer.isError === true ? EXIT.failed : EXIT.ok;
}
