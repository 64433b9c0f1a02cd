import { type AnyTool, defineTool, FlotillaError, HostAlias, type RunView } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { runFor } from './run-access.ts';
import { RunDetail, runDetail } from './run-detail.ts';
import { RunId } from './run-id.ts';
import { runText } from './run-text.ts';

/** A secret is typed, and an approval given, by a person at a terminal, never by an assistant. */
function refuseWhatPeopleAnswer(view: RunView, alias: string | undefined, step: string | undefined): void {
  const asked = view.steps.filter(
    ({ question, ...one }) =>
      question && (alias === undefined || one.alias === alias) && (step === undefined || one.key === step),
  );
  if (asked.some(({ question }) => question?.approval))
    throw new FlotillaError('DENIED', `${view.id} asks for an approval, which only a person may give.`, {
      details: { id: view.id },
      hint: `In a terminal: flotilla task answer ${view.id}`,
    });
  if (!asked.some(({ question }) => question?.secret)) return;
  throw new FlotillaError('DENIED', `${view.id} asks for a secret, which only a person may type.`, {
    details: { id: view.id, hosts: asked.map((one) => one.alias) },
    hint: `In a terminal: flotilla task answer ${view.id}`,
  });
}

export function taskAnswer(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_answer',
    title: 'Answer a waiting run',
    description:
      'Types one line into the command of a run that waits for an answer (state waiting; task_status shows the question). ' +
      'Passwords, other secrets and approvals are refused: a person types them with the CLI. ' +
      'When several hosts ask, `alias` says which one is meant.',
    effect: 'write',
    input: z.object({
      id: RunId,
      answer: z
        .string()
        .max(4096)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal acts on control characters
        .regex(/^[^\u0000-\u001f\u007f]*$/, 'one line without control characters')
        .describe('The line to type, without the newline, e.g. "y"; may be empty for just Enter'),
      alias: HostAlias.optional(),
      step: z.string().max(40).optional().describe('Key of the step that asks, when one host asks twice'),
    }),
    output: RunDetail,
    run: async ({ principal }, { id, answer, alias, step }) => {
      const view = runFor(deps, principal, id, 'write');
      refuseWhatPeopleAnswer(view, alias, step);
      const given = { answer, ...(alias !== undefined && { alias }), ...(step !== undefined && { step }) };
      return runDetail(await deps.engine.answer(id, given, principal), now());
    },
    text: (run) => `The answer was typed.\n${runText(run, now())}`,
  });
}
