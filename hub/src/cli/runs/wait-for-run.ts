import { isOpen, nextForRun } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { forPeople } from '../terminal/hints.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { progressLine } from '../terminal/progress-line.ts';

const FOREVER_MS = 2 ** 31 - 1;

/** Waits until a run ends, asks a question, or the time is up, then shows it. Returns the exit code. */
export async function waitForRun(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  id: string,
  { json, timeoutS }: { json: boolean; timeoutS?: number | undefined },
): Promise<number> {
  const { engine } = hub.runtime.services;
  const line = progressLine(cli.world.stderr, cli.terminal);
  const interrupt = onInterrupt();
  const waitMs = timeoutS ? Math.min(timeoutS * 1000, FOREVER_MS) : FOREVER_MS;
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
  const code = showRun(cli.terminal, answer, json);
  if (interrupt.signal.aborted) return EXIT.interrupted;
  if (isOpen(view.state)) cli.terminal.note(forPeople(nextForRun(view)));
  return code === EXIT.ok && view.state !== 'succeeded' ? EXIT.failed : code;
}
