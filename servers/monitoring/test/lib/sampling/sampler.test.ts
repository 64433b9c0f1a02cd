import type { Metrics } from '@flotilla/metrics';
import { openServer } from '@flotilla/runtime/testing';
import { startSshd, waitFor } from '@flotilla/testkit';
import { afterAll, expect, test } from 'vitest';
import { monitoring } from '../../../src/server.ts';
import { type SamplingProcess, samplingProcess } from '../../helpers/sampling-process.ts';

const opened: SamplingProcess[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

/** A process with `servers.monitoring` of the config, that serves over stdio. */
async function open(config: object): Promise<SamplingProcess> {
  const on = await samplingProcess(config, await startSshd(), false);
  opened.push(on);
  return on;
}

const current = async (metrics: Metrics, host: string, name: string): Promise<number | undefined> =>
  (await metrics.instant({ hosts: [host], name, at: Date.now() + 1_000 }))[0]?.value;

const SLOW = { timeoutMs: 40_000, intervalMs: 100 };

test.concurrent('hosts are looked at at their beat: gauges with the first look, rates with the second; a dead one is a gap', async () => {
  const { metrics, addHost } = await open({ sample: true, intervalS: 1 });
  await addHost('gone', 1);
  await waitFor(() => current(metrics, 'web1', 'cpu_percent'), { ...SLOW, what: 'a rate' });
  expect(await current(metrics, 'web1', 'up')).toBe(1);
  expect(Math.abs((await current(metrics, 'web1', 'clock_offset_seconds')) ?? 99)).toBeLessThan(10);
  const [gap] = await waitFor(
    async () => {
      const found = await metrics.gaps({ from: 0, to: Date.now() + 1_000 });
      return found.length > 0 && found;
    },
    { ...SLOW, what: 'a gap' },
  );
  expect(gap).toMatchObject({ host: 'gone', reason: 'net' });
  expect(await current(metrics, 'gone', 'up')).toBe(0);
  expect(await current(metrics, 'gone', 'node_load1')).toBeUndefined();
});

test.concurrent('a host that is switched off is missed with its reason, and comes back by itself', async () => {
  const { metrics, sshd } = await open({ sample: true, intervalS: 1 });
  await waitFor(() => current(metrics, 'web1', 'up'), { ...SLOW, what: 'the first look' });
  await sshd.down();
  sshd.killSessions();
  await waitFor(async () => (await current(metrics, 'web1', 'up')) === 0, { ...SLOW, what: 'the miss' });
  await sshd.up();
  await waitFor(async () => (await current(metrics, 'web1', 'up')) === 1, { ...SLOW, what: 'the next look' });
  expect((await metrics.gaps({ from: 0, to: Date.now() }))[0]).toMatchObject({
    host: 'web1',
    // A beat of one second is a short time for a machine under load.
    reason: expect.stringMatching(/^(net|timeout)$/),
  });
});

test.concurrent('a process that serves over HTTP looks at all hosts unasked; one that serves one client over stdio does not, nor is it in the way', async () => {
  const { metrics, sshd, server, home } = await open({ intervalS: 1 });
  const other = await openServer(monitoring, { HOME: home }, { background: true, longLived: true });
  try {
    await waitFor(() => current(metrics, 'web1', 'cpu_percent'), { ...SLOW, what: 'two looks' });
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
    const { stdio, http } = { stdio: server.runtime, http: other.runtime };
    expect(stdio.services.links.stats().length).toBe(0);
    expect(http.services.links.stats().length).toBe(1);
  } finally {
    await other.close();
  }
});

test.concurrent('a config with a wrong interval is refused', async () => {
  const sshd = await startSshd();
  try {
    const opening = samplingProcess({ sample: true, intervalS: 0 }, sshd);
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  } finally {
    await sshd.stop();
  }
});
