import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { until } from '@flotilla/jobs/testing';
import { freePort, startRedis, tempDir } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { BullmqDriver, parseRedisUrl } from '../src/index.ts';
import { readInfo } from '../src/server-check.ts';
import { bullmqHarness } from './harness.ts';

const ticket = (id: string) => ({ id, lane: 'docker' });

test('a URL is taken apart; what is shown of it has no password', () => {
  expect(parseRedisUrl('rediss://me:p%40ss@queue.example:6380/3')).toEqual({
    name: 'queue.example:6380/3',
    options: {
      host: 'queue.example',
      port: 6380,
      db: 3,
      username: 'me',
      password: 'p@ss',
      tls: { servername: 'queue.example' },
    },
  });
  expect(parseRedisUrl('redis://:a@h', 'b').options.password).toBe('b');
  expect(parseRedisUrl('redis://[::1]').options).toMatchObject({ host: '::1', port: 6379, db: 0 });
  for (const url of ['http://h', 'redis://', 'h:6379', 'redis://:secret@h/x'])
    expect(() => parseRedisUrl(url)).toThrow(/^The Redis URL is not valid\.$/);
});

test('settings under which tickets may be lost are warned of', () => {
  const info = (lines: Record<string, string>): string =>
    Object.entries(lines)
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n');
  const good = { redis_version: '7.0.15', aof_enabled: '1', maxmemory_policy: 'noeviction' };
  expect(readInfo(info(good))).toEqual({ server: 'Redis 7.0.15', warnings: [] });
  expect(readInfo(info({ ...good, redis_version: '6.0.16' })).warnings).toEqual([
    expect.stringContaining('older than 6.2'),
  ]);
  expect(readInfo(info({ ...good, aof_enabled: '0' })).warnings).toEqual([
    expect.stringContaining('appendonly no'),
  ]);
  expect(readInfo(info({ ...good, maxmemory_policy: 'allkeys-lru' })).warnings).toEqual([
    expect.stringContaining('allkeys-lru'),
  ]);
  const valkey = { ...good, valkey_version: '8.0.1', redis_version: '7.2.4' };
  expect(readInfo(info(valkey)).server).toBe('Valkey 8.0.1');
});

test('a user who may only touch its own names is enough, in a database of its own', async () => {
  const redis = await startRedis({ password: 'of-the-admin' });
  onTestFinished(() => redis.stop());
  const rights = ['~flotilla:*', '&flotilla:*', '+@all', '-@admin'];
  await redis.command('ACL', 'SETUSER', 'flotilla', 'on', '>its-own-word', ...rights);
  const url = `redis://flotilla:its-own-word@127.0.0.1:${redis.port}/3`;
  const harness = bullmqHarness(redis, url);
  const holder = await harness.spawn('docker', { concurrency: 1, hold: true });
  const driver = await harness.open();
  await driver.enqueue(ticket('t1'));
  await until(() => holder.deliveries.length === 1);
  expect(await driver.cancel('t1')).toBe(true);
  await until(() => holder.cancelled.includes('t1'));
  expect(await holder.settle('t1')).toBe(true);
  expect(driver.health()).toMatchObject({ ok: true, warnings: [] });
  expect(await redis.command('KEYS', '*')).toBe('*0\r\n');
});

test('TLS: a server that is trusted is used, another one is not', async () => {
  const folder = tempDir('flotilla-tls-');
  const path = (name: string): string => join(folder.path, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path('key')];
  const args = ['req', '-x509', ...key, '-out', path('cert'), '-days', '2', ...subject];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const port = await freePort();
  const redis = await startRedis({
    settings: {
      'tls-port': String(port),
      'tls-cert-file': path('cert'),
      'tls-key-file': path('key'),
      'tls-auth-clients': 'no',
    },
  });
  const trusted = process.env['NODE_EXTRA_CA_CERTS'];
  onTestFinished(async () => {
    if (trusted === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
    else process.env['NODE_EXTRA_CA_CERTS'] = trusted;
    await redis.stop();
    folder.remove();
  });
  const url = `rediss://localhost:${port}/0`;
  process.env['NODE_EXTRA_CA_CERTS'] = path('cert');
  const trusting = await bullmqHarness(redis, url).spawn('docker', { concurrency: 1, hold: false });
  expect(await trusting.enqueue(ticket('t1'))).toBe('added');
  await until(() => trusting.deliveries.length === 1);

  const stranger = new BullmqDriver({ url, fleet: 'f1' });
  onTestFinished(() => stranger.close());
  await stranger.open();
  await expect(stranger.enqueue(ticket('t2'))).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  expect(stranger.health().detail).toMatch(/self-signed certificate/);
});

test('two fleets on one Redis never mix', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const [ours, theirs] = [bullmqHarness(redis), bullmqHarness(redis)];
  const [here, there] = [await ours.open(), await theirs.open()];
  await here.enqueue(ticket('t1'));
  expect(await there.enqueue(ticket('t1'))).toBe('added');
  expect(await there.withdraw('t1')).toBe('gone');
  expect(await here.counts()).toEqual({ waiting: 1, delayed: 0, held: 0 });
  expect(await there.cancel('t1')).toBe(false);
});

test('a process without a state file has no leases', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const driver = new BullmqDriver({ url: redis.url, fleet: 'f1' });
  onTestFinished(() => driver.close());
  await driver.open();
  await expect(driver.exclusively('upkeep', async () => 1)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});
