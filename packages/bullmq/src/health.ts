import type { DriverHealth, TicketCounts } from '@flotilla/jobs/driver';
import type { RedisLink } from './link.ts';
import type { ServerFacts } from './server-check.ts';

/** What was last seen of Redis. */
export interface Seen {
  facts: ServerFacts | undefined;
  counts: TicketCounts | undefined;
  processes: number;
  /** Of its data; empty before it was first seen. */
  generation: string;
  /** When Redis was found without its data, epoch milliseconds. */
  emptiedAt: number | undefined;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function toHealth(link: RedisLink, seen: Seen): DriverHealth {
  const { facts, counts, processes, generation, emptiedAt } = seen;
  const { trouble, target } = link;
  const server = `${facts?.server ?? 'Redis'} at ${target.name}`;
  const warnings = [
    ...(facts?.warnings ?? []),
    ...(emptiedAt === undefined
      ? []
      : [`Redis had lost its data at ${iso(emptiedAt)}: what was waiting is queued again`]),
  ];
  const detail = trouble
    ? `${server} has been unreachable since ${iso(trouble.since)}: ${trouble.why}`
    : `${server}, ${counts ? `${counts.waiting} waiting, ${counts.held} held` : 'not counted yet'}`;
  return {
    ok: trouble === undefined,
    name: 'bullmq',
    detail,
    // Before the first look there is at least this one.
    processes: Math.max(1, processes),
    warnings,
    ...(generation !== '' && { identity: generation }),
  };
}
