import { createServer, type Server } from 'node:net';
import {
  freePort,
  loopbackHosts,
  startBusyboxHost,
  startSshd,
  type TestSshd,
  whyNoBusybox,
} from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostWorld, startHostWorld } from './host-world.ts';

let sshd: TestSshd;
let world: HostWorld;
let mute: Server;
const ADDRESSES = loopbackHosts(12);

beforeAll(async () => {
  sshd = await startSshd({ listen: ADDRESSES });
  world = await startHostWorld(sshd);
  mute = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => mute.once('listening', resolve));
  const login = { user: sshd.user, keyPath: world.keyPath };
  const add = (alias: string, more: Record<string, unknown>): Promise<unknown> =>
    world.inventory.save({ alias, host: '127.0.0.1', ...login, ...more }, { person: true });
  for (const [n, host] of ADDRESSES.entries())
    await add(`web${n + 1}`, { host, port: sshd.port, groups: ['web'] });
  await add('down', { port: await freePort() });
  await add('mute', { port: (mute.address() as { port: number }).port });
  await add('stranger', { host: ADDRESSES[0], port: sshd.port, user: 'nobody-here' });
  await add('changed', { host: ADDRESSES[1], port: sshd.port, hostKey: `SHA256:${'x'.repeat(43)}` });
});
afterAll(async () => {
  await world.stop();
  await sshd.stop();
  mute.close();
});

const of = (rows: readonly Record<string, unknown>[], alias: string): Record<string, unknown> =>
  rows.find((row) => row['alias'] === alias) ?? {};

test('the fleet answers in one table, hosts that fail do not disturb the others', async () => {
  const { rows, data, words } = await world.call('fleet_status', { timeout_s: 5 });
  expect(data).toMatchObject({ online: 12, total: 16 });
  expect(of(rows, 'web1')).toMatchObject({
    online: true,
    status: {
      load1: expect.any(Number),
      cpus: expect.any(Number),
      memoryBytes: expect.any(Number),
      diskFreeBytes: expect.any(Number),
      uptimeS: expect.any(Number),
    },
  });
  expect(of(rows, 'down')).toMatchObject({ online: false, failure: { code: 'CONNECTION_FAILED' } });
  expect(of(rows, 'mute')).toMatchObject({ online: false, failure: { code: 'TIMEOUT' } });
  expect(of(rows, 'stranger')).toMatchObject({ online: false, failure: { code: 'AUTH_FAILED' } });
  expect(of(rows, 'changed')).toMatchObject({ online: false, failure: { code: 'HOST_KEY_MISMATCH' } });
  expect(words).toMatch(/^12 of 16 hosts online\n/);
  expect(words).toMatch(/\ndown +CONNECTION_FAILED/);
  expect(world.inventory.get('web1').lastSeen).toBeGreaterThan(0);
  expect(world.inventory.get('down').lastSeen).toBeUndefined();
});

test('one host, a list, a group; an unknown one is not found', async () => {
  expect((await world.call('fleet_status', { alias: 'web2' })).rows).toHaveLength(1);
  expect((await world.call('fleet_status', { alias: ['web2', 'web3'] })).rows).toHaveLength(2);
  expect((await world.call('fleet_status', { alias: 'group:web' })).rows).toHaveLength(12);
  expect((await world.call('fleet_status', { alias: 'wbe2' })).data).toMatchObject({ code: 'NOT_FOUND' });
  expect((await world.call('fleet_status', { timeout_s: 0 })).data).toMatchObject({ code: 'INVALID_INPUT' });
});

test('after too many failures no further host is asked', async () => {
  const { rows } = await world.call('fleet_status', {
    alias: ['down', 'web1'],
    maxParallel: 1,
    stopAfterFailures: 1,
  });
  expect(of(rows, 'web1')).toMatchObject({ online: false, failure: { code: 'CANCELLED' } });
});

test('a test says what a host is, how far away, and what it lacks', async () => {
  const { rows, words, isError } = await world.call('server_test', {
    alias: ['web1', 'down', 'stranger'],
    timeout_s: 5,
  });
  expect(isError).toBe(false);
  expect(of(rows, 'web1')).toMatchObject({
    ok: true,
    state: 'ok',
    sudo: 'not used',
    connectMs: expect.any(Number),
    latencyMs: expect.any(Number),
    fingerprints: [sshd.fingerprint],
    facts: {
      osId: 'debian',
      sshd: expect.stringMatching(/^OpenSSH/),
      user: sshd.user,
      killUserProcesses: false,
    },
  });
  expect(of(rows, 'down')).toMatchObject({
    ok: false,
    state: 'failed',
    failure: { code: 'CONNECTION_FAILED' },
  });
  expect(of(rows, 'stranger')).toMatchObject({ failure: { code: 'AUTH_FAILED' } });
  expect(words).toMatch(/^1 of 3 hosts ok\n/);
  expect((await world.call('server_test', { alias: 'down' })).isError).toBe(true);
});

test('a test leaves out hosts after too many failures', async () => {
  const { rows } = await world.call('server_test', {
    alias: ['down', 'web1'],
    maxParallel: 1,
    stopAfterFailures: 1,
  });
  expect(rows.map((row) => row['state'])).toEqual(['failed', 'skipped']);
});

const noBusybox = whyNoBusybox();
test.skipIf(noBusybox)(
  `busybox lacks script(1), and it is said for which tools${noBusybox ? ` (${noBusybox})` : ''}`,
  async () => {
    const bare = await startBusyboxHost();
    try {
      const { host, port, user, keyPath } = bare;
      await world.inventory.save({ alias: 'bare', host, port, user, keyPath }, { person: true });
      const { rows } = await world.call('server_test', { alias: 'bare' });
      expect(of(rows, 'bare')).toMatchObject({ ok: true });
      const missing = of(rows, 'bare')['missing'] as { what: string }[];
      expect(missing.map((one) => one.what)).toEqual(['script']);
      const status = await world.call('fleet_status', { alias: 'bare' });
      expect(of(status.rows, 'bare')).toMatchObject({
        online: true,
        status: { memoryBytes: expect.any(Number), uptimeS: expect.any(Number) },
      });
    } finally {
      await bare.stop();
    }
  },
);
