import type { Ticket, TicketDriver } from '@flotilla/jobs';
import type { StateStore } from '@flotilla/store';
import { type Presence, queueName, routedDriver } from '@flotilla/workers';
import type { HostLabels } from './host-labels.ts';

/** Tickets of runs on hosts that only some workers reach go to queues that only those take. */
export function routeTickets(
  driver: TicketDriver | undefined,
  store: StateStore,
  labels: HostLabels,
): TicketDriver | undefined {
  if (!driver) return undefined;
  return routedDriver(driver, ({ id, lane }: Pick<Ticket, 'id' | 'lane'>) => {
    const run = id.slice(0, id.lastIndexOf('.'));
    const row = store.read((sql) =>
      sql.get<{ aliases: string }>('SELECT aliases FROM job_run WHERE id = ?', [run]),
    );
    return row ? queueName(lane, labels.ofWords(JSON.parse(row.aliases) as string[])) : lane;
  });
}

/** Why a run waits in its queue that no worker takes. */
export const whyQueued =
  (delegated: ReadonlySet<string>, presence: Presence, labels: HostLabels) =>
  ({ lane, aliases }: { lane: string; aliases: readonly string[] }): string | undefined => {
    const needed = labels.ofWords(aliases);
    if ((needed.length === 0 && !delegated.has(lane)) || presence.has(lane, needed)) return undefined;
    const which = needed.length === 0 ? '' : ` that reaches ${needed.join(', ')}`;
    return `waiting for a worker of lane ${lane}${which}`;
  };
