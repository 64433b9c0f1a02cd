import { FlotillaError, type ToolContext } from '@flotilla/core';
import { FACTS_SCRIPT } from './facts-script.ts';
import { type HostFacts, parseFacts } from './host-facts.ts';

export interface ProbeOptions {
  /** Milliseconds for connecting and asking together; TIMEOUT beyond. */
  timeoutMs: number;
  now: () => number;
}

/** Connects, logs in and asks the host for its facts. UNSUPPORTED when it has no POSIX shell. */
export async function probeFacts(
  context: ToolContext,
  alias: string,
  options: ProbeOptions,
): Promise<HostFacts> {
  const { stdout } = await withinTime(context.signal, options.timeoutMs, alias, (signal) =>
    context.hosts.shell(alias, FACTS_SCRIPT, { signal, timeoutMs: options.timeoutMs, maxBytes: 65_536 }),
  );
  const facts = parseFacts(stdout, options.now());
  if (facts) return facts;
  throw new FlotillaError('UNSUPPORTED', `${alias} let us in, but its shell did not run a POSIX script.`, {
    details: { alias, remote: stdout.slice(0, 500) },
    hint: 'Give the user a login shell (/bin/sh or bash) without a menu or a forced command.',
  });
}

/** Best of three empty scripts on the open connection, milliseconds with one decimal. */
export async function measureLatency(context: ToolContext, alias: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 3; n++) {
    const started = performance.now();
    await context.hosts.shell(alias, ':', { signal: context.signal, timeoutMs: 10_000 });
    best = Math.min(best, performance.now() - started);
  }
  return Math.round(best * 10) / 10;
}

/** Runs `work` with a signal that ends after `timeoutMs`; its end by that is a TIMEOUT, not a cancellation. */
export async function withinTime<T>(
  outer: AbortSignal,
  timeoutMs: number,
  alias: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const clock = AbortSignal.timeout(timeoutMs);
  try {
    return await work(AbortSignal.any([outer, clock]));
  } catch (error) {
    if (!clock.aborted || outer.aborted) throw error;
    throw new FlotillaError('TIMEOUT', `${alias} did not answer within ${timeoutMs / 1000} s.`, {
      details: { alias, timeoutMs },
      cause: error,
    });
  }
}
