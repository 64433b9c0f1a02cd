import { setTimeout as delay } from 'node:timers/promises';
import type { Ticket } from '@flotilla/jobs/driver';
import type { FleetKeys } from './keys.ts';
import type { Lanes } from './lanes.ts';
import type { RedisLink } from './link.ts';

type Named = Pick<Ticket, 'id' | 'lane'>;

/** Longer than the time between two signs of life of a holder: renewal is every 2 s at most. */
const SECOND_LOOK_MS = 2_500;

/**
 * Tickets that are in no queue and that nobody holds. A holder whose ticket Redis lost needs a moment to say so, and an
 * enqueue may be under way: what is missing is looked for a second time.
 */
export async function missingTickets(
  link: RedisLink,
  lanes: Lanes,
  keys: FleetKeys,
  tickets: readonly Named[],
): Promise<string[]> {
  const look = async (among: readonly Named[]): Promise<Named[]> => {
    const there = await Promise.all(
      among.map(({ id, lane }) => link.redis.exists(lanes.queue(lane).ticketKey(id), keys.held(id))),
    );
    return among.filter((_, at) => there[at] === 0);
  };
  const first = await look(tickets);
  if (first.length === 0) return [];
  await delay(SECOND_LOOK_MS, undefined, { ref: false });
  return (await look(first)).map(({ id }) => id);
}
