import { type Command, Option } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function taskRetryCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'retry <id>',
    summary: 'Run an ended run again',
    description:
      'Starts a new run with the same arguments; it does again whatever the first did, so it asks.',
    examples: ['task retry last', 'task retry last --from failed --yes'],
  })
    .addOption(
      new Option('--from <where>', 'start: everything again; failed: keep what succeeded')
        .choices(['start', 'failed'])
        .default('start'),
    )
    .option('--yes', 'do not ask')
    .action(
      action<{ from: string; yes?: boolean }>(cli, async ({ json, verbose, from, yes }, word = '') =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const { engine } = hub.runtime.services;
          const id = resolveRunId(engine, word);
          const { tool, summary, state } = engine.get(id);
          if (!yes) cli.terminal.note(`${id} (${state}) was ${tool}: ${summary}`);
          if (!(await confirm(cli, 'Run it again?', yes))) return EXIT.failed;
          return showRun(
            cli.terminal,
            await callTool(cli, hub, base, 'task_retry', { id, from }),
            json === true,
          );
        }),
      ),
    );
}
