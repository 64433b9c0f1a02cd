import type { ToolAnswer } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import type { Cli } from '../cli.ts';
import { cliPrincipal } from '../principal.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { progressLine } from '../terminal/progress-line.ts';
import { failureIn, handleIn } from './show-answer.ts';

/** Waits for a run until it ends: a person can always press Ctrl-C. */
export const UNTIL_THE_END = 2 ** 31 - 1;

export interface WatchedCall {
  answer: ToolAnswer;
  /** Ctrl-C came: the answer is a handle, or the failure CANCELLED. The run goes on. */
  interrupted: boolean;
  /** The run that the call became, when it has not ended. */
  runId?: string;
}

export interface CallOptions {
  /** Progress counts bytes. */
  bytes?: boolean;
}

/**
 * Calls a tool as the person at the command line, through every rule that holds for assistants. Shows progress on a
 * terminal. The first Ctrl-C stops the waiting, not the run.
 */
export async function watchCall(
  cli: Cli,
  { endpoint }: Hub,
  base: ProcessBase,
  name: string,
  args: Record<string, unknown>,
  options: CallOptions = {},
): Promise<WatchedCall> {
  const line = progressLine(cli.world.stderr, cli.terminal, options);
  const interrupt = onInterrupt();
  try {
    const answer = await endpoint.callTool({
      name,
      args,
      principal: cliPrincipal(base),
      signal: interrupt.signal,
      onProgress: (update) => line.show(update),
    });
    const runId = handleIn(answer)?.id ?? failureIn(answer)?.details['runId'];
    const open =
      runId !== undefined && (handleIn(answer) !== undefined || failureIn(answer)?.code === 'CANCELLED');
    return {
      answer,
      interrupted: interrupt.signal.aborted && open,
      ...(open && { runId: String(runId) }),
    };
  } finally {
    interrupt.release();
    line.clear();
  }
}

/** A call whose run is not left behind: an inline tool, or one that is answered at once. */
export const callTool = async (...call: Parameters<typeof watchCall>): Promise<ToolAnswer> =>
  (await watchCall(...call)).answer;
