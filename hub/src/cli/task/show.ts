import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { resolveRunId } from '../runs/resolve-id.ts';

export function taskShowCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'show <id>',
    summary: 'Show one run: state, steps, last lines of output',
    examples: ['task show last', 'task show run_01K0000000000000000000000 --json'],
  }).action(
    action(cli, async ({ json, verbose }, word = '') =>
      cli.withHub({ verbose: verbose === true }, async (hub, base) => {
        const id = resolveRunId(hub.runtime.services.engine, word);
        return showRun(cli.terminal, await callTool(cli, hub, base, 'task_status', { id }), json === true);
      }),
    ),
  );
}
