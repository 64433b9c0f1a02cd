import { FlotillaError } from '@flotilla/core';

/** Answers of Redis that mean that nothing more fits in: redis.io/docs, "Redis error replies". */
const FULL = /^(OOM|MISCONF)\b/;
const REFUSED = /^(NOAUTH|WRONGPASS|NOPERM)\b/;

/** What a call of the queue fails with when Redis failed. */
export function queueFailure(cause: unknown, redis: string): FlotillaError {
  if (cause instanceof FlotillaError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const details = { redis, cause: message };
  if (FULL.test(message)) {
    return new FlotillaError('STORAGE_FULL', 'The Redis of the queue takes nothing more.', {
      details,
      cause,
      hint: 'Give it memory (maxmemory) or disk space, then try again.',
    });
  }
  if (REFUSED.test(message)) {
    return new FlotillaError('SERVER_UNAVAILABLE', 'The Redis of the queue does not let this process in.', {
      details,
      cause,
      hint: 'Check the user and the password of FLOTILLA_REDIS_URL.',
    });
  }
  return new FlotillaError('SERVER_UNAVAILABLE', 'The Redis of the queue does not answer.', {
    details,
    cause,
    hint: 'Start it, or check FLOTILLA_REDIS_URL. See system_diagnostics.',
  });
}

/** BullMQ's answers about a job that this process does not hold (any more), by code: ErrorCode of bullmq. */
const NOT_OURS = { missing: -1, lockExpired: -2, notActive: -3, heldByOther: -6 } as const;

export type NotOurs = keyof typeof NOT_OURS;

export function notOurs(error: unknown): NotOurs | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return (Object.keys(NOT_OURS) as NotOurs[]).find((name) => NOT_OURS[name] === code);
}
