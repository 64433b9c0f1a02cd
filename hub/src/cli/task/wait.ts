import { isOpen, nextForRun } from '@flotilla/core';
import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { secondsOption } from '../option-values.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { forPeople } from '../terminal/hints.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { progressLine } from '../terminal/progress-line.ts';

const FOREVER_MS = 2 ** 31 - 1;

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
          const { engine } = hub.runtime.services;
          const id = resolveRunId(engine, word);
          const line = progressLine(cli.world.stderr, cli.terminal);
          const interrupt = onInterrupt();
          const waitMs = timeout ? Math.min(timeout * 1000, FOREVER_MS) : FOREVER_MS;
          const view = await engine.runs
            .wait(id, waitMs, {
              signal: interrupt.signal,
              onUpdate: ({ progress }) => progress && line.show(progress),
            })
            .catch((error: unknown) => {
              if (interrupt.signal.aborted) return engine.get(id);
              throw error;
            })
            .finally(() => {
              interrupt.release();
              line.clear();
            });
          const answer = await callTool(cli, hub, base, 'task_status', { id });
          const code = showRun(cli.terminal, answer, json === true);
          if (interrupt.signal.aborted) return EXIT.interrupted;
          if (isOpen(view.state)) cli.terminal.note(forPeople(nextForRun(view)));
          return code === EXIT.ok && view.state !== 'succeeded' ? EXIT.failed : code;
        }),
      ),
    );
}
