import { isOpen, type RunView } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';
import type { Cli } from '../cli.ts';

const START_MS = 15_000;
const LOOK_MS = 50;
/** A run that waits for something for this long may wait for hours. */
const HELD_MS = 1_000;

/** Hosts whose command runs there by itself, or ran. */
const onItsOwn = ({ steps }: RunView): number =>
  steps.filter(({ confirmed, endedAt }) => confirmed === true || endedAt !== undefined).length;

const settled = (view: RunView, hosts: number): boolean => {
  if (!isOpen(view.state) || view.state === 'waiting') return true;
  const waiting = view.steps.some(
    ({ kind, confirmed, endedAt }) => kind === 'command' && !confirmed && !endedAt,
  );
  return !waiting && onItsOwn(view) >= hosts;
};

/**
 * Before this process leaves a run to itself: waits until the command has been started on every host, where it goes on
 * without Flotilla, or turns out to wait for something. Says so when some have not been started by then.
 */
export async function leaveRunning(
  cli: Cli,
  engine: Pick<RunsEngine, 'runs' | 'get'>,
  id: string,
  hosts = 0,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  let view = engine.get(id);
  let freeAt = performance.now();
  while (!settled(view, hosts) && performance.now() < deadline) {
    if (view.waitingFor === undefined) freeAt = performance.now();
    if (performance.now() - freeAt > HELD_MS) break;
    view = await engine.runs.wait(id, LOOK_MS);
  }
  if (settled(view, hosts)) return;
  const where = hosts > 0 ? `Started on ${onItsOwn(view)} of ${hosts} hosts so far` : 'Not started yet';
  cli.terminal.note(
    view.waitingFor === undefined
      ? `${where}; the rest starts as soon as a Flotilla process runs, e.g. flotilla task wait ${id}`
      : `${where}: ${view.waitingFor}`,
  );
}
