import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { resolveRunId } from '../runs/resolve-id.ts';

export function taskCancelCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'cancel <id>',
    summary: 'Stop a run and the processes it started on its hosts',
    examples: ['task cancel last'],
  }).action(
    action(cli, async ({ json, verbose }, word = '') =>
      cli.withHub({ verbose: verbose === true }, async (hub, base) => {
        const id = resolveRunId(hub.runtime.services.engine, word);
        return showRun(cli.terminal, await callTool(cli, hub, base, 'task_cancel', { id }), json === true);
      }),
    ),
  );
}
