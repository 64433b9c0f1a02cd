import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '@flotilla/jobs/testing';
import { freePort, startProxy, startRedis } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { BullmqDriver, type BullmqDriverOptions } from '../../src/index.ts';
import { bullmqHarness } from '../harness.ts';

const ticket = (id: string) => ({ id, lane: 'docker' });

function driverAt(url: string, more: Partial<BullmqDriverOptions> = {}): BullmqDriver {
  const driver = new BullmqDriver({ url, fleet: 'f1', leaseMs: 1_000, checkMs: 400, ...more });
  onTestFinished(() => driver.close());
  return driver;
}

/** How long it took, and what came out. */
async function timed<T>(work: Promise<T>): Promise<{ ms: number; error: unknown }> {
  const began = performance.now();
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { ms: performance.now() - began, error };
}

test('D21: a Redis that is not there is said, refused in time, and found when it comes', async () => {
  const port = await freePort();
  const driver = driverAt(`redis://127.0.0.1:${port}/0`);
  const done: string[] = [];
  await driver.open();
  driver.consume('docker', {
    concurrency: 2,
    handler: async (delivery) => {
      done.push(delivery.ticket.id);
      return 'done';
    },
  });
  const { ms, error } = await timed(driver.enqueue(ticket('t1')));
  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', details: { redis: `127.0.0.1:${port}/0` } });
  expect(ms).toBeLessThan(5_000);
  expect(driver.health()).toMatchObject({ ok: false, name: 'bullmq' });
  expect(driver.health().detail).toMatch(/^Redis at .* has been unreachable since .*ECONNREFUSED/);

  const redis = await startRedis({ port });
  onTestFinished(() => redis.stop());
  await until(() => driver.health().ok, 'the driver to find its Redis');
  expect(await driver.enqueue(ticket('t2'))).toBe('added');
  await until(() => done.includes('t2'));
  expect(driver.health()).toMatchObject({ ok: true, warnings: [] });
});

test('a process that opens and closes while Redis is away ends in less time than a connection may take', async () => {
  const url = `redis://127.0.0.1:${await freePort()}/0`;
  const program = `
    const { BullmqDriver } = await import('@flotilla/bullmq');
    const driver = new BullmqDriver({ url: ${JSON.stringify(url)}, fleet: 'a' });
    await driver.open();
    driver.consume('docker', { concurrency: 1, handler: async () => 'done' });
    await driver.close();`;
  const { ms, error } = await timed(
    promisify(execFile)(
      process.execPath,
      ['--conditions=@flotilla/source', '--input-type=module', '-e', program],
      { cwd: import.meta.dirname },
    ).then(({ stderr }) => expect(stderr).toBe('')),
  );
  expect(error).toBeUndefined();
  expect(ms).toBeLessThan(4_000);
});

test('D21: a Redis that hangs is refused in time, and used again when it answers', async () => {
  const redis = await startRedis();
  onTestFinished(async () => {
    redis.thaw();
    await redis.stop();
  });
  const driver = driverAt(redis.url);
  await driver.open();
  await driver.enqueue(ticket('before'));
  redis.freeze();
  const { ms, error } = await timed(driver.enqueue(ticket('t1')));
  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  expect(ms).toBeLessThan(5_000);
  redis.thaw();
  await until(() => driver.enqueue(ticket('t2')).catch(() => false), 'the driver to find it again');
  expect(await driver.missing([ticket('before'), ticket('t2')])).toEqual([]);
});

test('a cut connection costs nothing: the holder keeps its ticket and hears of a cancel that came meanwhile', async () => {
  const redis = await startRedis();
  const proxy = await startProxy({ port: redis.port });
  onTestFinished(async () => {
    await proxy.stop();
    await redis.stop();
  });
  const far = driverAt(`redis://127.0.0.1:${proxy.port}`, { leaseMs: 20_000, checkMs: 10_000 });
  const near = driverAt(redis.url, { leaseMs: 20_000, checkMs: 10_000 });
  await Promise.all([far.open(), near.open()]);
  const seen: { lost: boolean; cancelled: boolean }[] = [];
  far.consume('docker', {
    concurrency: 1,
    handler: (delivery) =>
      new Promise((finish) => {
        const one = { lost: false, cancelled: false };
        seen.push(one);
        delivery.onLost(() => {
          one.lost = true;
        });
        delivery.signal.addEventListener('abort', () => {
          one.cancelled = delivery.signal.reason === 'cancel';
          finish('done');
        });
      }),
  });
  await near.enqueue(ticket('t1'));
  await until(() => seen.length === 1);
  proxy.refuse(true);
  proxy.cut();
  await until(() => !far.health().ok, 'the cut to be noticed');
  expect(await near.cancel('t1')).toBe(true);
  proxy.refuse(false);
  await until(() => seen[0]?.cancelled, 'the cancel to arrive late');
  await until(async () => (await near.missing([ticket('t1')])).length === 1, 'the ticket to be settled');
  expect(seen).toEqual([{ lost: false, cancelled: true }]);
});

test('closing does not wait for a Redis that is away', async () => {
  const redis = await startRedis();
  const driver = await bullmqHarness(redis).open();
  driver.consume('docker', { concurrency: 1, handler: () => new Promise(() => undefined) });
  await driver.enqueue(ticket('t1'));
  await until(async () => (await driver.inspect('t1'))?.state === 'held');
  await redis.stop();
  const { ms, error } = await timed(driver.close());
  expect(error).toBeUndefined();
  expect(ms).toBeLessThan(8_000);
});

test('a wrong password is said without being told', async () => {
  const redis = await startRedis({ password: 'right-password' });
  onTestFinished(() => redis.stop());
  const driver = driverAt(redis.url.replace('right', 'wrong'));
  await driver.open();
  const { error } = await timed(driver.enqueue(ticket('t1')));
  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  expect(driver.health().detail).toMatch(/WRONGPASS|NOAUTH/);
  expect(JSON.stringify([error, driver.health()])).not.toMatch(/wrong-password|right-password/);
});
