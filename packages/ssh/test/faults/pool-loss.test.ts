import { once } from 'node:events';
import { freePort, loopbackHosts, startProxy, startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run, runOn } from '../support/run.ts';

let sshd: TestSshd;
beforeEach(async () => {
  sshd = await startSshd();
});
afterEach(() => sshd.stop());
const { later, links } = cleanup();

test("kill -9 of sshd's child closes the link and its leases, and the queue goes on", async () => {
  const directory = testDirectory(hostOf(sshd));
  const all = links({ directory, settings: { maxConnections: 1, channelsPerConnection: 1 } });
  const lease = await all.lease('web');
  const channel = await lease.link.exec('sleep 100');
  channel.resume();
  const ended = once(channel, 'close');
  const waiting = all.lease('web');
  await waitFor(() => all.stats()[0]?.queued === 1);
  sshd.killSessions();
  await lease.link.closed;
  await ended;
  const next = await waiting;
  expect(next.link.id).not.toBe(lease.link.id);
  lease.release();
  expect(all.stats()).toMatchObject([{ connections: 1, busyChannels: 1, reconnects: 1 }]);
  expect(await runOn(next, 'echo on')).toBe('on\n');
});

test('a connection that was lost comes back by itself', async () => {
  const all = links({ directory: testDirectory(hostOf(sshd)) });
  await run(all, 'web', 'true');
  sshd.killSessions();
  await waitFor(() => all.stats()[0]?.connections === 0);
  expect(all.stats()[0]?.lastError).toBeDefined();
  await waitFor(() => all.stats()[0]?.connections === 1);
  expect(all.stats()).toMatchObject([{ reconnects: 1 }]);
  expect(all.stats()[0]?.lastError).toBeUndefined();
});

test('with a minimum of none it does not', async () => {
  const all = links({ directory: testDirectory(hostOf(sshd)), settings: { minConnections: 0 } });
  await run(all, 'web', 'true');
  sshd.killSessions();
  await waitFor(() => all.stats()[0]?.connections === 0);
  const mark = sshd.log().split('Connection from').length;
  const other = links({ directory: testDirectory(hostOf(sshd, 'other')) });
  await run(other, 'other', 'sleep 1.2');
  expect(sshd.log().split('Connection from').length).toBe(mark + 1);
});

test('a half-open connection is noticed by keepalives', async () => {
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const all = links({
    directory: testDirectory({ ...hostOf(sshd), port: proxy.port }),
    settings: { keepAliveIntervalMs: 200, keepAliveCountMax: 2, minConnections: 0 },
  });
  const lease = await all.lease('web');
  const channel = await lease.link.exec('sleep 100');
  channel.resume();
  proxy.freeze();
  expect(String(await lease.link.closed)).toContain('Keepalive timeout');
  proxy.resume();
});

test('200 callers of a host that is down cause one attempt; a new call tries again at once', async () => {
  const port = await freePort();
  const all = links({ directory: testDirectory({ ...hostOf(sshd), port }) });
  const callers = Array.from({ length: 200 }, () => all.lease('web').catch((error: unknown) => error));
  const errors = await Promise.all(callers);
  expect(new Set(errors).size).toBe(1);
  expect(errors[0]).toMatchObject({ code: 'CONNECTION_FAILED', details: { cause: 'refused' } });
  const revived = await startSshd({ port });
  later(() => revived.stop());
  const directory = testDirectory({ ...hostOf(revived) });
  expect(await run(links({ directory }), 'web', 'echo in')).toBe('in\n');
});

test('a host that comes back is reached by the next call, without waiting for a pause', async () => {
  const all = links({ directory: testDirectory(hostOf(sshd)) });
  await sshd.down();
  for (let n = 0; n < 5; n++)
    await expect(all.lease('web')).rejects.toMatchObject({ details: { cause: 'refused' } });
  await sshd.up();
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('a refused login is not tried again by itself', async () => {
  const directory = testDirectory(hostOf(sshd));
  const all = links({ directory });
  await run(all, 'web', 'true');
  sshd.killSessions();
  await waitFor(() => all.stats()[0]?.connections === 0);
  directory.set({ alias: 'web', keyPath: '/nonexistent' });
  await expect(all.lease('web')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  const mark = sshd.log().split('Connection from').length;
  await run(links({ directory: testDirectory(hostOf(sshd, 'other')) }), 'other', 'sleep 1.2');
  expect(sshd.log().split('Connection from').length).toBe(mark + 1);
});

test('an error that fires after the end does not bring the process down', async () => {
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const all = links({ directory: testDirectory({ ...hostOf(sshd), port: proxy.port }) });
  for (let n = 0; n < 5; n++) {
    const lease = await all.lease('web');
    const channel = await lease.link.exec('cat /dev/zero');
    channel.resume();
    channel.write('x');
    proxy.cut();
    expect(await lease.link.closed).toBeInstanceOf(Error);
    lease.release();
  }
});

test('200 hosts, cold, on one stock sshd', { timeout: 60_000 }, async () => {
  const many = await startSshd({ listen: loopbackHosts(200) });
  later(() => many.stop());
  const hosts = loopbackHosts(200).map((host, n) => ({ ...hostOf(many), alias: `h${n}`, host }));
  const all = links({ directory: testDirectory(...hosts) });
  const out = await Promise.all(hosts.map(({ alias }) => run(all, alias, 'echo in')));
  expect(out.join('')).toBe('in\n'.repeat(200));
});

test('200 aliases of one address, cold', { timeout: 60_000 }, async () => {
  const hosts = Array.from({ length: 200 }, (_, n) => hostOf(sshd, `h${n}`));
  const all = links({ directory: testDirectory(...hosts) });
  const out = await Promise.all(hosts.map(({ alias }) => run(all, alias, 'echo in')));
  expect(out.join('')).toBe('in\n'.repeat(200));
});

test('several processes at once trip MaxStartups and get in nevertheless', async () => {
  const strict = await startSshd({ config: ['MaxStartups 4'] });
  later(() => strict.stop());
  const directory = testDirectory(...Array.from({ length: 16 }, (_, n) => hostOf(strict, `h${n}`)));
  const out = await Promise.all(
    Array.from({ length: 16 }, (_, n) => run(links({ directory }), `h${n}`, 'echo in')),
  );
  expect(out.join('')).toBe('in\n'.repeat(16));
});
