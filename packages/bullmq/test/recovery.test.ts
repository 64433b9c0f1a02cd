import type { Delivery, TicketDriver } from '@flotilla/jobs';
import { until } from '@flotilla/jobs/testing';
import { startRedis, type TestRedis } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { bullmqHarness } from './harness.ts';

const LANE = 'docker';
const ticket = (id: string) => ({ id, lane: LANE });

async function redisWith(appendFsync: 'everysec' | 'none'): Promise<TestRedis> {
  const redis = await startRedis({ appendFsync });
  onTestFinished(() => redis.stop());
  return redis;
}

function holdAll(driver: TicketDriver) {
  const deliveries: Delivery[] = [];
  const lost: string[] = [];
  const finishers = new Map<string, () => void>();
  driver.consume(LANE, {
    concurrency: 100,
    handler(delivery) {
      deliveries.push(delivery);
      delivery.onLost(() => lost.push(delivery.ticket.id));
      return new Promise((finish) => finishers.set(delivery.ticket.id, () => finish('done')));
    },
  });
  return { deliveries, lost, finish: (id: string) => finishers.get(id)?.() };
}

test('D22: a Redis that is killed and comes back loses no ticket, and none is stuck', async () => {
  const redis = await redisWith('everysec');
  const harness = bullmqHarness(redis);
  const driver = await harness.open();
  const here = holdAll(driver);
  await driver.enqueue(ticket('held'));
  await until(() => here.deliveries.length === 1);
  await driver.pause(LANE);
  const waiting = Array.from({ length: 50 }, (_, i) => ticket(`t${i}`));
  await driver.enqueueMany(waiting);
  await redis.kill();
  await until(() => !driver.health().ok, 'the loss to be noticed');
  await redis.start();
  await until(() => driver.health().ok, 'the driver to find it again');
  await until(() => driver.resume(LANE).then(() => true));
  await until(() => here.deliveries.length === 51, 'every ticket to be delivered');
  expect(new Set(here.deliveries.map((one) => one.ticket.id)).size).toBe(51);
  for (const { ticket: one } of here.deliveries) here.finish(one.id);
  await until(async () => {
    const { held, waiting: left, delayed } = await driver.counts();
    return held + left + delayed === 0;
  }, 'every ticket to be settled');
  expect(here.lost).toEqual([]);
});

test('a Redis that was away for longer than the lease takes nothing from a holder that lives', async () => {
  const redis = await redisWith('everysec');
  const harness = bullmqHarness(redis);
  const driver = await harness.open();
  const here = holdAll(driver);
  await driver.enqueue(ticket('t1'));
  const delivery = await until(() => here.deliveries[0]);
  await redis.kill();
  await new Promise((resolve) => setTimeout(resolve, 2 * harness.leaseMs));
  await redis.start();
  await until(() => driver.health().ok);
  expect(await delivery.touch()).toBe(true);
  here.finish('t1');
  await until(async () => !(await driver.inspect('t1')));
  expect(here.deliveries).toHaveLength(1);
  expect(here.lost).toEqual([]);
});

test('what a holder settles while Redis is away is settled when it is back', async () => {
  const redis = await redisWith('everysec');
  const driver = await bullmqHarness(redis).open();
  const here = holdAll(driver);
  await driver.enqueue(ticket('t1'));
  await until(() => here.deliveries[0]);
  await redis.kill();
  await until(() => !driver.health().ok);
  here.finish('t1');
  await redis.start();
  await until(async () => driver.health().ok && !(await driver.inspect('t1')), 'the ticket to be settled');
  expect(here.deliveries).toHaveLength(1);
});

test('D23: a Redis that lost everything is said; what waited is missing, what is held is not', async () => {
  const redis = await redisWith('everysec');
  const harness = bullmqHarness(redis);
  const [driver, other] = [await harness.open(), await harness.open()];
  let recovered = 0;
  other.onRecovered(() => recovered++);
  const here = holdAll(driver);
  await driver.enqueue(ticket('held'));
  await until(() => here.deliveries[0]);
  await driver.pause(LANE);
  await driver.enqueue(ticket('waiting'));
  await redis.command('FLUSHALL');
  await until(() => recovered > 0, 'the other process to notice');
  expect(other.health().warnings?.join()).toMatch(/Redis had lost its data at/);
  expect(await other.missing([ticket('held'), ticket('waiting')])).toEqual(['waiting']);
  expect(await other.cancel('held')).toBe(true);
  await until(() => here.deliveries[0]?.signal.reason === 'cancel', 'the cancel to reach the holder');
  here.finish('held');
  await until(async () => (await other.missing([ticket('held')])).length === 1, 'the holder to be done');
  expect(here.lost).toEqual([]);
});

test('D23: a Redis without an append-only file is warned of, and its restart noticed', async () => {
  const redis = await redisWith('none');
  const driver = await bullmqHarness(redis).open();
  expect(driver.health().warnings?.join()).toMatch(/appendonly no/);
  let recovered = 0;
  driver.onRecovered(() => recovered++);
  await driver.enqueue(ticket('t1'));
  await redis.kill();
  await redis.start();
  await until(() => recovered > 0);
  expect(await driver.missing([ticket('t1')])).toEqual(['t1']);
  expect(await driver.enqueue(ticket('t1'))).toBe('added');
});

test('D27: a Redis that is full refuses, keeps what it has and goes on when it has room', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const driver = await bullmqHarness(redis).open();
  await driver.enqueue(ticket('first'));
  await redis.command('SET', 'ballast', 'x'.repeat(3_000_000));
  await redis.command('CONFIG', 'SET', 'maxmemory', '1mb');
  await expect(driver.enqueue(ticket('refused'))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  expect(await driver.enqueue(ticket('second'))).toBe('added');
  const here = holdAll(driver);
  await until(() => here.deliveries.length === 2);
  expect(here.deliveries.map((one) => one.ticket.id)).toEqual(['first', 'second']);
});
