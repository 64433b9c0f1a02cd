import { randomBytes } from 'node:crypto';
import type { Ticket } from '@flotilla/jobs/driver';
import type { JobJson } from 'bullmq';

/** What a job of a ticket holds: nothing of the run. */
interface TicketData {
  /** Made by the enqueue that made the job: tells it from another one of the same id. */
  nonce: string;
  notBefore: number;
  /** Its last consumer could not do it, and it waits for another one. */
  elsewhere?: true;
}

/** BullMQ takes 1 first and 2,097,151 last. */
const MIDDLE = 1_048_576;
const HIGHEST = 1_000_000;

const toRank = (priority = 0): number => MIDDLE - Math.max(-HIGHEST, Math.min(HIGHEST, Math.trunc(priority)));
const toPriority = (rank: number): number => MIDDLE - rank;

export const CANCEL = 'cancel';

/** BullMQ keeps jobs beside keys of its own, such as `wait`: no ticket may be called like one. */
const BEFORE_ID = 't-';
export const toJobId = (id: string): string => `${BEFORE_ID}${id}`;
const toTicketId = (jobId: string): string => jobId.slice(BEFORE_ID.length);

export const newNonce = (): string => randomBytes(9).toString('base64url');

/** `now`: epoch milliseconds of the clock of Redis. */
export function toJob(ticket: Ticket, nonce: string, now: number): JobJson {
  const notBefore = ticket.notBefore ?? 0;
  const rank = toRank(ticket.priority);
  return {
    id: toJobId(ticket.id),
    name: 'ticket',
    data: encode({ nonce, notBefore }),
    opts: { priority: rank, attempts: 1, ...(notBefore > now && { delay: notBefore - now }) },
    timestamp: now,
    priority: rank,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: '',
    returnvalue: '',
  };
}

export const encode = (data: TicketData): string => JSON.stringify(data);

export const decode = (text: string): TicketData => JSON.parse(text) as TicketData;

/** A job as it stands in Redis. */
export interface TicketJob {
  ticket: Ticket;
  data: TicketData;
  /** Grows with every delivery. */
  fence: number;
  cancelled: boolean;
}

export function fromJob(job: JobJson, jobId: string, lane: string): TicketJob {
  const data = decode(job.data);
  const id = toTicketId(jobId);
  return {
    ticket: { id, lane, priority: toPriority(job.priority ?? MIDDLE), notBefore: data.notBefore },
    data,
    fence: job.attemptsStarted,
    cancelled: job.progress === CANCEL,
  };
}
