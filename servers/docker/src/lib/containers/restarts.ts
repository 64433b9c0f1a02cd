import { isFlotillaError } from '@flotilla/core';
import type { Engine } from '../engine/index.ts';
import { type ContainerDetails, containerPath, ContainerDetails as Details } from './details.ts';
import { beganJustNow, type ContainerRow, type ContainerSummary } from './summary.ts';

const MAX_LOOKS = 30;
/** From this many restarts on a container that runs only now is called looping. */
const LOOP_RESTARTS = 3;

/** Counts restarts where a loop is possible: a list of the engine does not have them. */
export async function addRestarts(
  engine: Engine,
  summaries: readonly ContainerSummary[],
  rows: readonly ContainerRow[],
  signal: AbortSignal,
): Promise<ContainerRow[]> {
  const suspects = summaries
    .flatMap((summary, index) => (beganJustNow(summary) ? [index] : []))
    .slice(0, MAX_LOOKS);
  const seen = new Map(
    await Promise.all(
      suspects.map(async (index) => [index, await look(engine, summaries[index]?.Id ?? '', signal)] as const),
    ),
  );
  return rows.map((row, index) => {
    const details = seen.get(index);
    if (!details || details.RestartCount === 0) return row;
    return { ...row, restarts: details.RestartCount, ...(isLooping(details) && { looping: true }) };
  });
}

export const isLooping = (details: ContainerDetails): boolean =>
  details.RestartCount >= LOOP_RESTARTS || (details.State.Restarting === true && details.RestartCount > 0);

/** A container that went away meanwhile is not an error of a list. */
async function look(engine: Engine, id: string, signal: AbortSignal): Promise<ContainerDetails | undefined> {
  try {
    return await engine.json(Details, containerPath(id, '/json'), { signal });
  } catch (error) {
    if (isFlotillaError(error) && error.details['status'] === 404) return undefined;
    throw error;
  }
}
