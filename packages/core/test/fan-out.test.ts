import { expect, test } from 'vitest';
import { FlotillaError, forEachHost } from '../src/index.ts';

const states = (outcomes: readonly { state: string }[]): string =>
  outcomes.map(({ state }) => state).join(' ');

test('results come in the order of the hosts, never more at once than allowed', async () => {
  let running = 0;
  let most = 0;
  const outcomes = await forEachHost(['a', 'b', 'c', 'd', 'e'], { maxParallel: 2 }, async (alias) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return alias.toUpperCase();
  });
  expect(outcomes.map(({ value }) => value)).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect(most).toBe(2);
});

test('one failing host does not stop the others', async () => {
  const outcomes = await forEachHost(['a', 'b', 'c'], {}, async (alias) => {
    if (alias === 'b') throw new FlotillaError('CONNECTION_FAILED', 'no answer');
    return 1;
  });
  expect(states(outcomes)).toBe('ok failed ok');
  expect(outcomes[1]?.error?.code).toBe('CONNECTION_FAILED');
});

test('after so many failures, thrown or returned, no further host is started', async () => {
  const started: string[] = [];
  const options = { maxParallel: 1, stopAfterFailures: 2, failed: (code: number) => code !== 0 };
  const outcomes = await forEachHost(['a', 'b', 'c', 'd'], options, async (alias) => {
    started.push(alias);
    if (alias === 'b') throw new Error('boom');
    return alias === 'a' ? 1 : 0;
  });
  expect(states(outcomes)).toBe('failed failed skipped skipped');
  expect(outcomes[0]?.value).toBe(1);
  expect(outcomes[1]?.error?.code).toBe('INTERNAL');
  expect(started).toEqual(['a', 'b']);
});

test('an abort cancels the hosts that were not started', async () => {
  const abort = new AbortController();
  const outcomes = await forEachHost(['a', 'b'], { maxParallel: 1, signal: abort.signal }, async (alias) => {
    abort.abort();
    return alias;
  });
  expect(states(outcomes)).toBe('ok cancelled');
});
