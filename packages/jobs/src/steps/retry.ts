import { FlotillaError, type RetryPolicy } from '@flotilla/core';

const DEFAULT_CAUSES = ['CONNECTION_FAILED', 'TIMEOUT', 'SERVER_UNAVAILABLE'];
const ONCE: RetryPolicy = { maxAttempts: 1, backoffMs: 0 };

export interface Verdict {
  /** Milliseconds until the next try; absent: no further one. */
  retryInMs?: number;
  /** What the step fails with when there is no further try. */
  error: FlotillaError;
}

/** Decides after a failed try. `tries` counts the tries so far. */
export function judge(error: FlotillaError, tries: number, policy: RetryPolicy = ONCE): Verdict {
  if (!(policy.on ?? DEFAULT_CAUSES).includes(error.code)) return { error };
  if (tries < policy.maxAttempts) {
    const longest = policy.maxBackoffMs ?? policy.backoffMs * 32;
    return { error, retryInMs: Math.min(policy.backoffMs * 2 ** (tries - 1), longest) };
  }
  if (policy.maxAttempts <= 1) return { error };
  return {
    error: new FlotillaError(
      'RETRY_LIMIT_EXCEEDED',
      `All ${tries} attempts failed; the last: ${error.message}`,
      {
        details: {
          attempts: tries,
          cause: { code: error.code, message: error.message, details: error.details },
        },
        cause: error,
      },
    ),
  };
}
