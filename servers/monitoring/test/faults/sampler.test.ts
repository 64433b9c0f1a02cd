import { startSshd, waitFor } from '@flotilla/testkit';
import { afterAll, expect, test } from 'vitest';
import { type SamplingProcess, samplingProcess } from '../helpers/sampling-process.ts';

const opened: SamplingProcess[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

/** A process with `servers.monitoring` of the config, that serves over stdio. */
async function open(config: object): Promise<SamplingProcess> {
  const on = await samplingProcess(config, await startSshd(), false);
  opened.push(on);
  return on;
}

const SLOW = { timeoutMs: 40_000, intervalMs: 100 };

test('a login that is refused is a gap of its own kind, in the middle of which nobody knocks again and again', async () => {
  const { metrics, sshd, server } = await open({ sample: true, intervalS: 1 });
  const { host, port, keyPath } = sshd;
  await server.runtime.services.inventory.save(
    { alias: 'locked', host, port, user: 'stranger', keyPath },
    { person: true },
  );
  const missed = async (): Promise<number> => {
    const gaps = await metrics.gaps({ hosts: ['locked'], from: 0, to: Date.now() + 1_000 });
    expect(gaps.every(({ reason }) => reason === 'auth')).toBe(true);
    return gaps[0]?.count ?? 0;
  };
  await waitFor(async () => (await missed()) >= 6, { ...SLOW, what: 'six misses' });
  const knocks = new Set(sshd.log().match(/Invalid user stranger from \S+ port \d+/g));
  expect(knocks.size).toBeGreaterThan(0);
  expect(knocks.size).toBeLessThan(5);
});
