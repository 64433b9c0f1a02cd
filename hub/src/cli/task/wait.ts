import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { secondsOption } from '../option-values.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { waitForRun } from '../runs/wait-for-run.ts';

export function taskWaitCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'wait <id>',
    summary: 'Wait until a run ends',
    description:
      'Waits until the run ends or asks a question, then shows it. The exit code is 0 for a run that succeeded, 1 for any other end ' +
      'or when the time is up.',
    examples: ['task wait last', 'task wait last --timeout 60'],
  })
    .option('--timeout <seconds>', 'wait at most so long; default until the end', secondsOption)
    .action(
      action<{ timeout?: number }>(cli, async ({ json, verbose, timeout }, word = '') =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const id = resolveRunId(hub.runtime.services.engine, word);
          return waitForRun(cli, hub, base, id, { json: json === true, timeoutS: timeout });
        }),
      ),
    );
}
