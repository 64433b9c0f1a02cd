import { createHash, randomFillSync } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Random bytes are drawn for many ids at once. */
const pool = new Uint8Array(2048);
let poolAt = pool.length;

/** A ULID (48 bits of time, 80 random bits): https://github.com/ulid/spec */
export function ulid(now = Date.now()): string {
  let time = '';
  for (let left = now, i = 0; i < 10; i++, left = Math.floor(left / 32))
    time = CROCKFORD.charAt(left % 32) + time;
  let random = '';
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  for (const byte of pool.subarray(poolAt, poolAt + 16)) random += CROCKFORD.charAt(byte & 31);
  poolAt += 16;
  return time + random;
}

export const newRunId = (now: number): string => `run_${ulid(now)}`;

/**
 * Id of a detached command on its host: `<runUlid>-<stepKey>-<hash>-<attempt>` of [A-Za-z0-9_-]. The hash
 * covers alias and key, so that two aliases of one account never share an id.
 */
export function commandId(runId: string, key: string, alias: string, attempt: number): string {
  const hash = createHash('sha256').update(`${alias}\0${key}`).digest('hex').slice(0, 10);
  return `${runId.replace(/^run_/, '')}-${key.replaceAll('.', '_')}-${hash}-${attempt}`;
}

/** A run's ticket: a new one each time the run is queued again. */
export const ticketId = (runId: string, epoch: number): string => `${runId}.${epoch}`;

export function parseTicketId(id: string): { runId: string; epoch: number } {
  const dot = id.lastIndexOf('.');
  return { runId: id.slice(0, dot), epoch: Number(id.slice(dot + 1)) };
}

const DELIVERIES_PER_EPOCH = 1_000_000;

/** One number that grows with every claim of a run, over all its tickets. */
export const runFence = (epoch: number, deliveryFence: number): number =>
  epoch * DELIVERIES_PER_EPOCH + deliveryFence;
