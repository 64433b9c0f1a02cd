import type { EngineParts } from '../engine-parts.ts';
import { ticketId } from '../ids.ts';

/**
 * Queues a run that is stored. A queue that is away is no failure of the run: its row says what is to be done, and the
 * reconciler queues it when the queue is back.
 */
export async function queueTicket(
  parts: EngineParts,
  run: { id: string; lane: string },
  epoch: number,
): Promise<void> {
  try {
    await parts.driver.enqueue({ id: ticketId(run.id, epoch), lane: run.lane });
  } catch (error) {
    if (parts.driver.sharesStore) throw error;
    parts.log.warn({ err: error, run: run.id }, 'the queue is away; the run is queued when it is back');
  }
}
