import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { leaveRunning } from '../runs/leave-running.ts';
import { waitForRun } from '../runs/wait-for-run.ts';

export function scheduleRunCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'run <schedule>',
    summary: 'Make its call now, beside its fire times',
    description: 'A run is waited for; Ctrl-C leaves it running.',
    examples: ['schedule run nightly', 'schedule run nightly --no-wait'],
  })
    .option('--no-wait', 'answer with the run instead of waiting for its end')
    .action(
      action<{ wait: boolean }>(cli, async ({ json, verbose, wait }, name = '') =>
        cli.withHub({ mounts: true, verbose: verbose === true }, async (hub, base) => {
          const answer = await callTool(cli, hub, base, 'schedule_run', { name });
          const { firing } = answer.structuredContent as { firing?: { runId?: string } };
          const runId = firing?.runId;
          const { engine } = hub.runtime.services;
          if (!wait || runId === undefined || !engine.knows(runId)) {
            if (runId !== undefined && engine.knows(runId)) await leaveRunning(cli, engine, runId);
            return showAnswer(cli.terminal, answer, json === true);
          }
          return waitForRun(cli, hub, base, runId, { json: json === true });
        }),
      ),
    );
}
