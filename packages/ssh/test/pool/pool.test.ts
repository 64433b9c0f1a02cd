import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startProxy, startSshd, type TestProxy, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChannelLease, HostLinks, LinkSettings } from '../../src/index.ts';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run, runOn } from '../support/run.ts';

const { later, links } = cleanup();
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

const setUp = (settings: Partial<LinkSettings> = {}, server = sshd) => {
  const directory = testDirectory(hostOf(server));
  return { directory, all: links({ directory, settings }) };
};

async function throughProxy(
  settings: Partial<LinkSettings> = {},
): Promise<{ all: HostLinks; proxy: TestProxy }> {
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const directory = testDirectory({ ...hostOf(sshd), port: proxy.port });
  return { proxy, all: links({ directory, settings }) };
}

const statsOf = (all: HostLinks) => all.stats()[0];
const take = (all: HostLinks, count: number): Promise<ChannelLease[]> =>
  Promise.all(Array.from({ length: count }, () => all.lease('web')));

test('eight channels per connection, five connections, the rest waits in order', async () => {
  const { all } = setUp();
  const leases = await take(all, 40);
  expect(new Set(leases.map(({ link }) => link.id)).size).toBe(5);
  const order: number[] = [];
  const late = [0, 1, 2].map((n) => all.lease('web').then((lease) => order.push(n) && lease));
  await waitFor(() => statsOf(all)?.queued === 3);
  expect(statsOf(all)).toMatchObject({ connections: 5, busyChannels: 40 });
  for (const lease of leases.splice(0, 3)) lease.release();
  await Promise.all(late);
  expect(order).toEqual([0, 1, 2]);
});

test('all channels of a lease can be opened at once on a stock sshd', async () => {
  const { all } = setUp();
  const leases = await take(all, 40);
  const out = await Promise.all(leases.map((lease, n) => runOn(lease, `echo ${n}`)));
  expect(out).toEqual(out.map((_, n) => `${n}\n`));
});

test('releasing twice counts once', async () => {
  const { all } = setUp({ maxConnections: 1, channelsPerConnection: 2 });
  const [first, second] = (await take(all, 2)) as [ChannelLease, ChannelLease];
  first.release();
  first.release();
  await all.lease('web');
  const third = all.lease('web');
  await waitFor(() => statsOf(all)?.queued === 1);
  second.release();
  await third;
});

test('a caller who waits can leave; one whose signal has fired never enters', async () => {
  const { all } = setUp({ maxConnections: 1, channelsPerConnection: 1 });
  const [lease] = await take(all, 1);
  const abort = new AbortController();
  const waiting = all.lease('web', { signal: abort.signal });
  await waitFor(() => statsOf(all)?.queued === 1);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(all.lease('web', { signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  const next = all.lease('web');
  lease?.release();
  await next;
});

test('an idle holder gives its channel back when others wait, a busy one does not', async () => {
  const { all } = setUp({ maxConnections: 1, channelsPerConnection: 1 });
  let asked = 0;
  const reclaim = (): void => {
    asked++;
    lease.release();
  };
  const lease = await all.lease('web', { reclaim });
  const next = all.lease('web');
  await waitFor(() => statsOf(all)?.queued === 1);
  expect(asked).toBe(0);
  all.setIdle(lease, true);
  (await next).release();
  expect(asked).toBe(1);
});

test('idle channels are given back before another connection is made', async () => {
  const { all } = setUp({ channelsPerConnection: 1 });
  const lease = await all.lease('web', { reclaim: () => lease.release() });
  all.setIdle(lease, true);
  const next = await all.lease('web');
  expect(next.link.id).toBe(lease.link.id);
  expect(statsOf(all)?.connections).toBe(1);
});

test('a server that allows two sessions per connection is found out and lived with', async () => {
  const server = await startSshd({ config: ['MaxSessions 2'] });
  later(() => server.stop());
  const { all } = setUp({ maxConnections: 2 }, server);
  const out = await Promise.all(Array.from({ length: 24 }, (_, n) => run(all, 'web', `echo ${n}`)));
  expect(out).toEqual(out.map((_, n) => `${n}\n`));
});

test('one session per connection, held by an idle holder: it is asked for', async () => {
  const server = await startSshd({ config: ['MaxSessions 1'] });
  later(() => server.stop());
  const { all } = setUp({ maxConnections: 1 }, server);
  const lease = await all.lease('web', {
    reclaim: () => {
      channel.close();
      channel.once('close', () => lease.release());
    },
  });
  const channel = await lease.link.exec('cat');
  channel.resume();
  all.setIdle(lease, true);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('idle connections are closed down to the minimum', async () => {
  const { all } = setUp({ idleTimeoutMs: 100, minConnections: 1 });
  for (const lease of await take(all, 40)) lease.release();
  await waitFor(() => statsOf(all)?.connections === 1);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('a busy connection is not idle, an idle channel alone does not keep one open', async () => {
  const { all } = setUp({ idleTimeoutMs: 100, minConnections: 0 });
  const lease = await all.lease('web');
  const other = await all.lease('web');
  other.release();
  expect(await runOn(lease, 'sleep 0.4; echo still')).toBe('still\n');
  all.setIdle(lease, true);
  await lease.link.closed;
  expect(statsOf(all)).toMatchObject({ connections: 0, idleChannels: 0 });
});

test('a changed record: the next lease gets a new connection, the old one is closed', async () => {
  const { all, directory } = setUp();
  const before = await all.lease('web');
  directory.set({ alias: 'web' });
  const after = await all.lease('web');
  expect(after.link.id).not.toBe(before.link.id);
  await before.link.closed;
  before.release();
  expect(statsOf(all)).toMatchObject({ connections: 1, busyChannels: 1 });
});

test('a record corrected while its old address does not answer is used at once', async () => {
  const { all, proxy } = await throughProxy();
  proxy.freeze();
  const directory = testDirectory({ ...hostOf(sshd), port: proxy.port });
  const mine = links({ directory });
  const stuck = mine.lease('web');
  await waitFor(() => proxy.accepted() > 0);
  directory.set(hostOf(sshd));
  expect(await run(mine, 'web', 'echo in')).toBe('in\n');
  (await stuck).release();
  await all.close();
});

test('hosts that do not answer hold nobody back', async () => {
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  proxy.freeze();
  const silent = Array.from({ length: 4 }, (_, n) => ({ ...hostOf(sshd, `silent${n}`), port: proxy.port }));
  const all = links({
    directory: testDirectory(hostOf(sshd), ...silent),
    settings: { maxHandshakesPerServer: 2 },
  });
  const stuck = silent.map(({ alias }) => all.lease(alias).catch((error: unknown) => error));
  await waitFor(() => proxy.accepted() === 2);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  await all.close();
  for (const error of await Promise.all(stuck)) expect(error).toMatchObject({ code: 'CANCELLED' });
});

test('drop closes connections; what its holders do next fails as closed', async () => {
  const { all } = setUp();
  const lease = await all.lease('web');
  all.drop('web');
  await expect(lease.link.closed).resolves.toBeUndefined();
  await expect(lease.link.exec('true')).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    details: { cause: 'closed' },
  });
  all.setIdle(lease, true);
  lease.release();
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('after close nothing is granted, and those who wait are told', async () => {
  const { all } = setUp({ maxConnections: 1, channelsPerConnection: 1 });
  const [lease] = await take(all, 1);
  const waiting = all.lease('web');
  const refused = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await all.close();
  await refused;
  await lease?.link.closed;
  await expect(all.lease('web')).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('close while a connection is being made leaves none behind', async () => {
  const { all, proxy } = await throughProxy();
  proxy.freeze();
  const refused = expect(all.lease('web')).rejects.toMatchObject({ code: 'CANCELLED' });
  await waitFor(() => proxy.open() === 1);
  await all.close();
  await refused;
  proxy.resume();
  await waitFor(() => proxy.open() === 0);
});

test('a host that was removed leaves nothing, and those who wait for it are told', async () => {
  const { all, directory } = setUp({ maxConnections: 1, channelsPerConnection: 1 });
  const lease = await all.lease('web');
  const refused = expect(all.lease('web')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await waitFor(() => statsOf(all)?.queued === 1);
  directory.remove('web');
  all.drop('web');
  await refused;
  await lease.link.closed;
  expect(all.stats()).toEqual([]);
  await expect(all.lease('web')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('after close a process ends by itself: no timer, no socket', async () => {
  const fixture = new URL('../fixtures/use-and-close.ts', import.meta.url).pathname;
  const host = JSON.stringify(hostOf(sshd));
  const child = spawn(process.execPath, ['--conditions=@flotilla/source', fixture, host]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'exit');
  expect({ code, out }).toEqual({ code: 0, out: 'in\n[]\n' });
});
