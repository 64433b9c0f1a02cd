import { freePort, startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run } from '../support/run.ts';

const { later, links } = cleanup();
let outer: TestSshd;
let inner: TestSshd;
let target: TestSshd;
beforeAll(async () => {
  [outer, inner, target] = await Promise.all([startSshd(), startSshd(), startSshd()]);
});
afterAll(() => Promise.all([outer, inner, target].map((sshd) => sshd.stop())));

const two = () =>
  testDirectory(
    hostOf(outer, 'outer'),
    { ...hostOf(inner, 'inner'), jump: 'outer' },
    { ...hostOf(target, 'web'), jump: 'inner' },
  );

test('reaches a host through two bastions, each host key pinned', async () => {
  const directory = two();
  const all = links({ directory });
  expect(await run(all, 'web', 'echo $SSH_CONNECTION')).toContain(` ${target.port}\n`);
  for (const [alias, sshd] of [
    ['outer', outer],
    ['inner', inner],
    ['web', target],
  ] as const)
    expect(directory.record(alias).hostKeys).toMatchObject([{ fingerprint: sshd.fingerprint }]);
});

test('many cold hosts share the connection of their bastion', async () => {
  const hosts = Array.from({ length: 20 }, (_, n) => ({ ...hostOf(target, `web${n}`), jump: 'outer' }));
  const all = links({ directory: testDirectory(hostOf(outer, 'outer'), ...hosts) });
  const out = await Promise.all(hosts.map(({ alias }) => run(all, alias, 'echo in')));
  expect(out.join('')).toBe('in\n'.repeat(20));
  expect(all.stats().find(({ alias }) => alias === 'outer')).toMatchObject({
    connections: 1,
    busyChannels: 20,
  });
});

test('the key of a bastion is checked too: nothing goes through a wrong one', async () => {
  const directory = two();
  directory.set({ alias: 'inner', hostKeys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:another' }] });
  const untouched = await startSshd();
  later(() => untouched.stop());
  directory.set(hostOf(untouched));
  await expect(links({ directory }).lease('web')).rejects.toMatchObject({
    code: 'HOST_KEY_MISMATCH',
    message: expect.stringMatching(/^web is reached through inner\. inner shows the host key/),
    details: { alias: 'inner', through: 'inner', target: 'web' },
  });
  expect(untouched.log()).not.toContain('Connection from');
});

test('a login that fails at the first bastion names it', async () => {
  const directory = two();
  directory.set({ alias: 'outer', keyPath: '/nonexistent/key' });
  await expect(links({ directory }).lease('web')).rejects.toMatchObject({
    code: 'AUTH_FAILED',
    message: expect.stringContaining('inner is reached through outer. outer did not let'),
  });
});

test('a host that the bastion cannot reach', async () => {
  const directory = two();
  directory.set({ alias: 'web', port: await freePort() });
  await expect(links({ directory }).lease('web')).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringContaining('inner cannot reach 127.0.0.1:'),
    details: { cause: 'refused' },
  });
});

test('a bastion that forwards nothing', async () => {
  const closed = await startSshd({ config: ['AllowTcpForwarding no'] });
  later(() => closed.stop());
  const directory = testDirectory(hostOf(closed, 'outer'), { ...hostOf(target, 'web'), jump: 'outer' });
  await expect(links({ directory }).lease('web')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    hint: expect.stringContaining('AllowTcpForwarding'),
  });
});

test('bastions in a loop', async () => {
  const directory = two();
  directory.set({ alias: 'outer', jump: 'web' });
  await expect(links({ directory }).lease('web')).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { chain: ['web', 'inner', 'outer', 'web'] },
  });
});

test('dropping a bastion closes what goes through it; the next lease connects again', async () => {
  const all = links({ directory: two() });
  const lease = await all.lease('web');
  all.drop('outer');
  await lease.link.closed;
  lease.release();
  expect(await run(all, 'web', 'echo again')).toBe('again\n');
});

test('a bastion whose record changed is connected to again, and so is what goes through it', async () => {
  const directory = two();
  const all = links({ directory });
  const lease = await all.lease('web');
  directory.set({ alias: 'outer' });
  expect(await run(all, 'web', 'echo again')).toBe('again\n');
  await lease.link.closed;
});
