import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, type KnownTool } from '@flotilla/core';
import type { Running } from './running.ts';

const LOOK_MS = 200;

/**
 * The tool, as soon as its server is there: a hub that has just started is still connecting to others.
 * SERVER_UNAVAILABLE after `waitMs`, CANCELLED.
 */
export async function findTool(
  on: Pick<Running, 'host' | 'job' | 'report'>,
  name: string,
  waitMs: number,
): Promise<KnownTool> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const tool = on.host.calls.find(name);
    if (tool) return tool;
    if (on.job.signal.aborted) throw new FlotillaError('CANCELLED', 'The pipeline was cancelled.');
    if (performance.now() > deadline)
      throw new FlotillaError('SERVER_UNAVAILABLE', `No server that is connected has the tool ${name}.`);
    on.report(name, { progress: 0, message: 'waits for the server that has it' });
    await delay(LOOK_MS, undefined, { signal: on.job.signal }).catch(() => undefined);
  }
}
