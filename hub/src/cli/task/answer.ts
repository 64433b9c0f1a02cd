import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { cliPrincipal } from '../principal.ts';
import { answerQuestions } from '../runs/questions.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function taskAnswerCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'answer <id> [answer]',
    summary: 'Answer what a waiting run asks',
    description:
      'Types one line into the command that waits. Without an answer it shows the question and asks; a password is never ' +
      'given as an argument, where other users could read it.',
    examples: ['task answer last', 'task answer last y --host web1'],
  })
    .option('--host <alias>', 'which host is meant, when several ask')
    .action(
      action<{ host?: string }>(cli, async ({ json, verbose, host }, word = '', answer?: string) =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const { engine } = hub.runtime.services;
          const view = engine.get(resolveRunId(engine, word));
          const asking = view.steps.filter(({ question, alias }) => question && (!host || alias === host));
          if (asking.length === 0)
            throw new FlotillaError('CONFLICT', `${view.id} asks nothing; it is ${view.state}.`, {
              hint: `flotilla task show ${view.id}`,
            });
          if (answer !== undefined && asking.some(({ question }) => question?.secret))
            throw new FlotillaError('DENIED', 'A secret is not given as an argument.', {
              hint: `Type it when asked: flotilla task answer ${view.id}`,
            });
          if (!cli.terminal.interactive && asking.some(({ question }) => question?.approval))
            throw new FlotillaError('DENIED', 'An approval is given at a terminal, by a person.', {
              hint: `In a terminal: flotilla task answer ${view.id}`,
            });
          if (answer === undefined && !cli.terminal.interactive)
            throw new FlotillaError('INVALID_INPUT', 'There is no terminal to ask at: give the answer.');
          const principal = cliPrincipal(base);
          const entry = {
            tool: 'task_answer',
            effect: 'write' as const,
            aliases: view.aliases,
            args: { id: view.id },
          };
          await audited(hub, base, entry, async () => {
            if (answer === undefined)
              return answerQuestions(cli, engine, { ...view, steps: asking }, principal);
            await engine.answer(view.id, { answer, ...(host !== undefined && { alias: host }) }, principal);
          });
          if (json) cli.terminal.json({ id: view.id, answered: true });
          else cli.terminal.note(`Answered. See it: flotilla task output -f ${view.id}`);
          return EXIT.ok;
        }),
      ),
    );
}
