import { type Principal, type RunView, visibleControls } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';
import type { Cli } from '../cli.ts';
import { askSecret, askText } from '../terminal/ask.ts';

/** What the hosts ask, for stderr. */
export function questionText(view: RunView): string {
  return view.steps
    .filter(({ question }) => question)
    .map(
      ({ alias, question }) =>
        `${alias ?? view.id} asks:\n${visibleControls(question?.prompt ?? '').replace(/^/gm, '  | ')}`,
    )
    .join('\n');
}

/** Asks the person at the terminal and types what they answer. */
export async function answerQuestions(
  cli: Cli,
  engine: Pick<RunsEngine, 'answer'>,
  view: RunView,
  principal: Principal,
): Promise<void> {
  cli.terminal.note(questionText(view));
  for (const { key, alias, question } of view.steps) {
    if (!question) continue;
    const answer = question.secret
      ? await askSecret(cli, `Secret for ${alias ?? 'it'}`)
      : await askText(cli, question.approval ? 'Approve? yes or no' : `Answer to ${alias ?? 'it'}`, '');
    await engine.answer(view.id, { answer, step: key, ...(alias !== undefined && { alias }) }, principal);
  }
}
