import type { Command } from 'commander';
import { callTool, UNTIL_THE_END } from '../calls/call-tool.ts';
import { showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';

export function hostTestCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'test [hosts...]',
    summary: 'Log in to hosts and say what they are and what they lack',
    description:
      'Connects, tries sudo, measures, and says what is missing for which tools. Without hosts: all.',
    examples: ['host test web1', 'host test group:web'],
  }).action(
    action(cli, async ({ json, verbose }, ...hosts) =>
      cli.withHub({ syncWaitMs: UNTIL_THE_END, verbose: verbose === true }, async (hub, base) => {
        const alias = hosts.length === 0 ? 'all' : hosts.length === 1 ? hosts[0] : hosts;
        return showAnswer(
          cli.terminal,
          await callTool(cli, hub, base, 'server_test', { alias }),
          json === true,
        );
      }),
    ),
  );
}
