import { FlotillaError, isFlotillaError } from './errors.ts';

export type HostOutcome<T> =
  | { alias: string; state: 'ok'; value: T; error?: undefined }
  /** Either a value that counts as a failure, or what was thrown. */
  | { alias: string; state: 'failed'; value: T; error?: undefined }
  | { alias: string; state: 'failed'; error: FlotillaError; value?: undefined }
  | { alias: string; state: 'skipped' | 'cancelled'; value?: undefined; error?: undefined };

export interface FanOutOptions<T> {
  /** Hosts worked on at once, default 20. */
  maxParallel?: number | undefined;
  /** After this many failed hosts no further one is started; the rest are `skipped`. Default: never. */
  stopAfterFailures?: number | undefined;
  /** When aborted, hosts that were not started are `cancelled`. */
  signal?: AbortSignal;
  /** Tells which returned values count as failures, e.g. a non-zero exit code. */
  failed?: (value: T, alias: string) => boolean;
}

/**
 * Runs `work` for every alias, some at a time. One failing host never stops the others, and results come
 * in the order of `aliases`. Never rejects.
 */
export async function forEachHost<T>(
  aliases: readonly string[],
  options: FanOutOptions<T>,
  work: (alias: string) => Promise<T>,
): Promise<HostOutcome<T>[]> {
  const { maxParallel = 20, stopAfterFailures = Number.POSITIVE_INFINITY, signal } = options;
  const outcomes: HostOutcome<T>[] = aliases.map((alias) => ({ alias, state: 'skipped' }));
  let next = 0;
  let failures = 0;

  const one = async (alias: string): Promise<HostOutcome<T>> => {
    try {
      const value = await work(alias);
      if (options.failed?.(value, alias)) return { alias, state: 'failed', value };
      return { alias, state: 'ok', value };
    } catch (error) {
      const known = toError(error);
      if (known.code === 'CANCELLED') return { alias, state: 'cancelled' };
      return { alias, state: 'failed', error: known };
    }
  };
  const lane = async (): Promise<void> => {
    while (next < aliases.length && failures < stopAfterFailures) {
      const index = next++;
      const alias = aliases[index] as string;
      const outcome: HostOutcome<T> = signal?.aborted ? { alias, state: 'cancelled' } : await one(alias);
      if (outcome.state === 'failed') failures++;
      outcomes[index] = outcome;
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, maxParallel), aliases.length) }, lane));
  return outcomes;
}

function toError(cause: unknown): FlotillaError {
  if (isFlotillaError(cause)) return cause;
  return new FlotillaError('INTERNAL', cause instanceof Error ? cause.message : String(cause), { cause });
}
