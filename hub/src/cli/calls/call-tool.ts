import type { ToolAnswer } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import type { Cli } from '../cli.ts';
import { cliPrincipal } from '../principal.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { progressLine } from '../terminal/progress-line.ts';

/** Waits for a run until it ends: a person can always press Ctrl-C. */
export const UNTIL_THE_END = 2 ** 31 - 1;

/**
 * Calls a tool as the person at the command line, through every rule that holds for assistants. Shows progress
 * on a terminal. Ctrl-C stops the waiting, not the run: the answer is then the failure CANCELLED naming it.
 */
export async function callTool(
  cli: Cli,
  { endpoint }: Hub,
  base: ProcessBase,
  name: string,
  args: Record<string, unknown>,
  progress: { bytes?: boolean } = {},
): Promise<ToolAnswer> {
  const line = progressLine(cli.world.stderr, cli.terminal, progress);
  const interrupt = onInterrupt();
  try {
    return await endpoint.callTool({
      name,
      args,
      principal: cliPrincipal(base),
      signal: interrupt.signal,
      onProgress: (update) => line.show(update),
    });
  } finally {
    interrupt.release();
    line.clear();
  }
}
