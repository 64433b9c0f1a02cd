import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { answerApproval } from './answer-approval.ts';

export function pipelineApproveCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'approve <id>',
    summary: 'See what a waiting pipeline wants to do, and allow or refuse it',
    description: 'Only a person at a terminal can. What is allowed is exactly what is shown.',
    examples: ['pipeline approve last'],
  }).action(
    action(cli, async ({ verbose }, word = '') =>
      cli.withHub({ verbose: verbose === true }, async (hub, base) => {
        const { engine } = hub.runtime.services;
        await answerApproval(cli, hub, base, engine.get(resolveRunId(engine, word)));
        return EXIT.ok;
      }),
    ),
  );
}
