import { setTimeout as delay } from 'node:timers/promises';
import { type FlotillaError, forEachHost, isFlotillaError } from '@flotilla/core';
import { ProbeFailure, probeFailure } from '../probe/failure.ts';
import { HUB } from '../probe/service.ts';
import type { CheckDefinition } from './definition.ts';
import { type Eyes, look } from './look.ts';
import type { CheckStore, StoredResult } from './store.ts';
import { type VantageResult, verdictOf } from './verdict.ts';

const RETRY_PAUSE_MS = 1000;

/** Runs a check once from all its vantage points and keeps what it saw. `changed`: its state is another one now. */
export async function runCheck(
  parts: { eyes: Eyes; store: CheckStore; signal: AbortSignal },
  check: CheckDefinition,
): Promise<StoredResult & { changed: boolean }> {
  const { eyes, store, signal } = parts;
  const points = vantagePoints(eyes, check.from);
  const outcomes = await forEachHost(
    points.map(({ from }) => from),
    { maxParallel: 10, signal },
    (from) => lookUntilSure(eyes, check, from, signal),
  );
  signal.throwIfAborted();
  const vantages = outcomes.map(
    ({ alias, value }, at): VantageResult =>
      points[at]?.missing ?? value ?? { from: alias, status: 'missing', reason: 'it did not look' },
  );
  const result = { name: check.name, at: Date.now(), ...verdictOf(vantages, check.quorum), vantages };
  const changed = await store.record(result, check.intervalSeconds * 1000);
  return { ...result, changed };
}

/** A word that names no host any more is a vantage point that is missing, not an error of the check. */
function vantagePoints(eyes: Eyes, from: readonly string[]): { from: string; missing?: VantageResult }[] {
  const points = new Map<string, { from: string; missing?: VantageResult }>();
  for (const word of from) {
    if (word === HUB) points.set(word, { from: word });
    else {
      try {
        for (const { alias } of eyes.hosts.resolve(word)) points.set(alias, { from: alias });
      } catch (error) {
        if (!isFlotillaError(error)) throw error;
        points.set(word, { from: word, missing: { from: word, status: 'missing', reason: error.message } });
      }
    }
  }
  return [...points.values()];
}

/** A failure counts when it is seen `retries` more times. */
async function lookUntilSure(
  eyes: Eyes,
  check: CheckDefinition,
  from: string,
  signal: AbortSignal,
): Promise<VantageResult> {
  for (let left = check.retries; ; left--) {
    const result = await lookOnce(eyes, check, from, signal);
    if (result.status === 'up' || left <= 0) return result;
    await delay(RETRY_PAUSE_MS, undefined, { signal });
  }
}

async function lookOnce(
  eyes: Eyes,
  check: CheckDefinition,
  from: string,
  signal: AbortSignal,
): Promise<VantageResult> {
  const began = performance.now();
  try {
    return { from, status: 'up', ...(await look(eyes, check, from, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    const ms = Math.round(performance.now() - began);
    const failure = error instanceof ProbeFailure ? error : targetFailure(error);
    if (failure?.reason === 'forbidden' || !failure) {
      const reason =
        failure?.message ?? (isFlotillaError(error) ? (error as FlotillaError).message : 'it could not look');
      return { from, status: 'missing', reason };
    }
    const silent = failure.reason === 'timeout' || failure.reason === 'closed';
    if (silent && from !== HUB && !(await answers(eyes, from, signal)))
      return { from, status: 'missing', reason: 'it does not answer itself' };
    return { from, status: 'down', ms, reason: failure.message };
  }
}

/** Is the host itself there? A frozen one must not make what it looks at seem down. */
async function answers(eyes: Eyes, alias: string, signal: AbortSignal): Promise<boolean> {
  try {
    await eyes.hosts.shell(alias, 'true', { timeoutMs: 5000, signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Undefined when the error is about the vantage point, e.g. a host that cannot be reached or has no ping. */
function targetFailure(error: unknown): ProbeFailure | undefined {
  if (isFlotillaError(error) && error.code === 'COMMAND_TIMEOUT')
    return new ProbeFailure('timeout', 'no answer in time');
  try {
    const known =
      error instanceof Error &&
      ('code' in error || error.name === 'TimeoutError' || error.name === 'AbortError');
    return known ? probeFailure(error) : undefined;
  } catch {
    return undefined;
  }
}
