import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Settlement } from '../../src/index.ts';
import { until } from '../until.ts';
import { consumeHere, consumeInOrder, LANE } from './consume.ts';
import type { DriverHarness } from './harness.ts';

/** What every queue driver promises to the engine: at-least-once delivery, in order, fenced. */
export function driverContract(name: string, makeHarness: () => DriverHarness): void {
  const ticket = (id: string, more: object = {}) => ({ id, lane: LANE, ...more });

  test(`${name} D1: a ticket that was acknowledged survives a kill`, async () => {
    const harness = makeHarness();
    const writer = await harness.spawn('other-lane', { concurrency: 1, hold: false });
    expect(await writer.enqueue(ticket('t1'))).toBe('added');
    await writer.kill('SIGKILL');
    const driver = await harness.open();
    expect(await driver.inspect('t1')).toMatchObject({ state: 'waiting', ticket: { id: 't1', lane: LANE } });
  });

  test(`${name} D2: the same id twice is one delivery`, async () => {
    const driver = await makeHarness().open();
    expect(await driver.enqueue(ticket('t1'))).toBe('added');
    expect(await driver.enqueue(ticket('t1'))).toBe('exists');
    const here = consumeHere(driver, 4);
    await until(() => here.deliveries.length > 0);
    expect(await driver.enqueue(ticket('t1'))).toBe('exists');
    await driver.enqueue(ticket('last'));
    await until(() => here.ids().includes('last'));
    expect(here.ids()).toEqual(['t1', 'last']);
  });

  test(`${name} D3: ten enqueues of one id at once are one delivery`, async () => {
    const harness = makeHarness();
    const [first, second] = [await harness.open(), await harness.open()];
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? first : second).enqueue(ticket('t1'))),
    );
    expect(results.filter((result) => result === 'added')).toHaveLength(1);
    const here = consumeHere(first, 4);
    await first.enqueue(ticket('last'));
    await until(() => here.ids().includes('last'));
    expect(here.ids()).toEqual(['t1', 'last']);
  });

  test(`${name} D4: first in, first out within a priority`, async () => {
    const driver = await makeHarness().open();
    const ids = Array.from({ length: 20 }, (_, i) => `t${i}`);
    for (const id of ids) await driver.enqueue(ticket(id));
    const order: string[] = [];
    consumeInOrder(driver, order);
    await until(() => order.length === 20);
    expect(order).toEqual(ids);
  });

  test(`${name} D4: a fresh ticket does not overtake waiting ones`, async () => {
    const driver = await makeHarness().open();
    const here = consumeHere(driver, 1);
    await driver.enqueue(ticket('held'));
    await until(() => here.deliveries[0]);
    await driver.enqueue(ticket('waiting'));
    here.finish(here.deliveries[0]);
    await driver.enqueue(ticket('fresh'), { fresh: true });
    await until(() => here.deliveries[1]);
    here.finish(here.deliveries[1]);
    await until(() => here.deliveries[2]);
    expect(here.ids()).toEqual(['held', 'waiting', 'fresh']);
  });

  test(`${name} D5: higher priorities go first`, async () => {
    const driver = await makeHarness().open();
    for (const [id, priority] of [
      ['low', -1],
      ['normal', 0],
      ['high', 5],
    ] as const) {
      await driver.enqueue(ticket(id, { priority }));
    }
    const order: string[] = [];
    consumeInOrder(driver, order);
    await until(() => order.length === 3);
    expect(order).toEqual(['high', 'normal', 'low']);
  });

  test(`${name} D6: nothing is delivered before its time`, async () => {
    const harness = makeHarness();
    const driver = await harness.open();
    const deliveredAt: number[] = [];
    driver.consume(LANE, {
      concurrency: 4,
      async handler() {
        deliveredAt.push(harness.now());
        return 'done';
      },
    });
    const notBefore = harness.now() + 300;
    await driver.enqueue(ticket('later', { notBefore }), { fresh: true });
    expect(await driver.inspect('later')).toMatchObject({ state: 'delayed' });
    const [at = 0] = await until(() => deliveredAt.length > 0 && deliveredAt);
    expect(at).toBeGreaterThanOrEqual(notBefore);
  });

  test(`${name} D7: the limit of a lane is never passed`, async () => {
    const driver = await makeHarness().open();
    let running = 0;
    let most = 0;
    let done = 0;
    driver.consume(LANE, {
      concurrency: 5,
      async handler() {
        most = Math.max(most, ++running);
        await delay(20);
        running--;
        done++;
        return 'done';
      },
    });
    await Promise.all(
      Array.from({ length: 64 }, (_, i) => driver.enqueue(ticket(`t${i}`), { fresh: i % 2 === 0 })),
    );
    await until(() => done === 64);
    expect(most).toBe(5);
  });

  test(`${name} D8: two processes share the tickets, each delivered once`, async () => {
    const harness = makeHarness();
    const [a, b] = await Promise.all([
      harness.spawn(LANE, { concurrency: 2, hold: false }),
      harness.spawn(LANE, { concurrency: 2, hold: false }),
    ]);
    const driver = await harness.open();
    await driver.enqueueMany(Array.from({ length: 100 }, (_, i) => ticket(`t${i}`)));
    await until(() => a.deliveries.length + b.deliveries.length >= 100);
    await until(async () => {
      const { held, waiting } = await driver.counts(LANE);
      return held + waiting === 0;
    });
    const all = [...a.deliveries, ...b.deliveries];
    expect(new Set(all.map((one) => one.id)).size).toBe(100);
    expect(all).toHaveLength(100);
  });

  test(`${name} D9: what a killed process held is delivered again, marked`, async () => {
    const harness = makeHarness();
    const dying = await harness.spawn(LANE, { concurrency: 4, hold: true });
    const driver = await harness.open();
    await driver.enqueue(ticket('t1'));
    await until(() => dying.deliveries.length > 0);
    await dying.kill('SIGKILL');
    const here = consumeHere(driver, 4);
    const again = await until(() => here.deliveries[0]);
    expect(again).toMatchObject({ redelivered: true, fence: 2 });
    expect(dying.deliveries[0]).toMatchObject({ redelivered: false, fence: 1 });
  });

  test(`${name} D10: a holder that lives keeps its ticket over several leases`, async () => {
    const harness = makeHarness();
    const holder = await harness.spawn(LANE, { concurrency: 1, hold: true });
    const driver = await harness.open();
    const here = consumeHere(driver, 4);
    await driver.pause(LANE);
    await driver.enqueue(ticket('t1'));
    await driver.resume(LANE);
    await until(() => holder.deliveries.length + here.deliveries.length > 0);
    const keep = performance.now() + 3 * harness.leaseMs;
    const mine = here.deliveries[0];
    while (performance.now() < keep) {
      expect(await (mine ? mine.touch() : holder.touch('t1'))).toBe(true);
      await delay(50);
    }
    expect(holder.deliveries.length + here.deliveries.length).toBe(1);
  });

  test(`${name} D11: a process that blocks past its lease loses the ticket and learns it`, async () => {
    const harness = makeHarness();
    const blocked = await harness.spawn(LANE, { concurrency: 1, hold: true });
    const driver = await harness.open();
    await driver.enqueue(ticket('t1'));
    await until(() => blocked.deliveries.length > 0);
    const here = consumeHere(driver, 1);
    const block = blocked.block(3 * harness.leaseMs);
    const second = await until(() => here.deliveries[0]);
    expect(second.fence).toBe(2);
    await block;
    expect(await blocked.touch('t1')).toBe(false);
    expect(await blocked.settle('t1')).toBe(false);
    expect(await driver.inspect('t1')).toMatchObject({ state: 'held', fence: 2 });
    expect(await second.touch()).toBe(true);
  });

  test(`${name} D12: a frozen process that comes back has lost its ticket`, async () => {
    const harness = makeHarness();
    const frozen = await harness.spawn(LANE, { concurrency: 1, hold: true });
    const driver = await harness.open();
    await driver.enqueue(ticket('t1'));
    await until(() => frozen.deliveries.length > 0);
    const here = consumeHere(driver, 1);
    await frozen.kill('SIGSTOP');
    const second = await until(() => here.deliveries[0]);
    await frozen.kill('SIGCONT');
    await until(() => frozen.lost.includes('t1'), 'the frozen process to notice');
    expect(await frozen.settle('t1')).toBe(false);
    here.finish(second);
    await until(async () => !(await driver.inspect('t1')));
  });

  test(`${name} D13: an outcome with an old fence changes nothing`, async () => {
    const driver = await makeHarness().open();
    const here = consumeHere(driver, 1);
    await driver.enqueue(ticket('t1'));
    const first = await until(() => here.deliveries[0]);
    here.finish(first, { requeueAt: 0 });
    const second = await until(() => here.deliveries[1]);
    expect(await driver.settle('t1', first.fence, 'done')).toBe(false);
    expect(await driver.inspect('t1')).toMatchObject({ state: 'held', fence: second.fence });
    expect(await driver.settle('t1', second.fence, 'done')).toBe(true);
    expect(await driver.inspect('t1')).toBeUndefined();
  });

  test(`${name} D14: a waiting ticket can be withdrawn, a delivered one says so`, async () => {
    const driver = await makeHarness().open();
    await driver.enqueue(ticket('waiting'));
    expect(await driver.withdraw('waiting')).toBe('gone');
    expect(await driver.withdraw('waiting')).toBe('unknown');
    const here = consumeHere(driver, 1);
    await driver.enqueue(ticket('held'));
    await until(() => here.deliveries.length > 0);
    expect(await driver.withdraw('held')).toBe('held');
    expect(here.ids()).toEqual(['held']);
  });

  test(`${name} D15: a cancel reaches the holder in another process`, async () => {
    const harness = makeHarness();
    const holder = await harness.spawn(LANE, { concurrency: 1, hold: true });
    const driver = await harness.open();
    await driver.enqueue(ticket('t1'));
    await until(() => holder.deliveries.length > 0);
    expect(await driver.cancel('t1')).toBe(true);
    await until(() => holder.cancelled.includes('t1'));
    expect(await driver.cancel('unknown')).toBe(false);
  });

  test(`${name} D16: a cancel before the delivery is seen at the delivery`, async () => {
    const driver = await makeHarness().open();
    await driver.enqueue(ticket('t1'));
    await driver.cancel('t1');
    const here = consumeHere(driver, 1);
    const delivery = await until(() => here.deliveries[0]);
    expect(delivery.signal.reason).toBe('cancel');
  });

  test(`${name} D17: a cancel is kept over a second delivery`, async () => {
    const driver = await makeHarness().open();
    const here = consumeHere(driver, 1);
    await driver.enqueue(ticket('t1'));
    const first = await until(() => here.deliveries[0]);
    expect(first.signal.aborted).toBe(false);
    await driver.cancel('t1');
    expect(first.signal.reason).toBe('cancel');
    here.finish(first, { requeueAt: 0 });
    const second = await until(() => here.deliveries[1]);
    expect(second.signal.reason).toBe('cancel');
  });

  test(`${name} D18: a ticket put off frees its place and comes back`, async () => {
    const harness = makeHarness();
    const driver = await harness.open();
    const here = consumeHere(driver, 1);
    await driver.enqueue(ticket('off'));
    await driver.enqueue(ticket('next'));
    const again = harness.now() + 300;
    here.finish(await until(() => here.deliveries[0]), { requeueAt: again });
    here.finish(await until(() => here.deliveries[1]));
    const third = await until(() => here.deliveries[2]);
    expect(here.ids()).toEqual(['off', 'next', 'off']);
    expect(harness.now()).toBeGreaterThanOrEqual(again);
    expect(third.fence).toBe(2);
  });

  test(`${name} D19: a paused lane delivers nothing, what runs goes on`, async () => {
    const harness = makeHarness();
    const driver = await harness.open();
    const other = await harness.open();
    const here = consumeHere(driver, 4);
    await driver.enqueue(ticket('before'));
    const running = await until(() => here.deliveries[0]);
    await other.pause(LANE);
    await driver.enqueue(ticket('fresh'), { fresh: true });
    await driver.enqueue(ticket('plain'));
    expect(await driver.counts(LANE)).toEqual({ held: 1, waiting: 2, delayed: 0 });
    here.finish(running);
    await until(async () => (await driver.counts(LANE)).held === 0);
    expect(here.ids()).toEqual(['before']);
    await other.resume(LANE);
    await until(() => here.deliveries.length === 3);
    expect(here.ids()).toEqual(['before', 'fresh', 'plain']);
  });

  test(`${name} D20: closing with drain waits, closing without gives tickets to others`, async () => {
    const harness = makeHarness();
    const [closing, other] = [await harness.open(), await harness.open()];
    const here = consumeHere(closing, 4);
    await closing.enqueue(ticket('t1'));
    const delivery = await until(() => here.deliveries[0]);
    const reasons: string[] = [];
    delivery.onLost((why) => reasons.push(why));
    await closing.close();
    expect(reasons).toEqual(['closing']);
    const there = consumeHere(other, 4);
    expect(await until(() => there.deliveries[0])).toMatchObject({ redelivered: true });
    const drained = other.close({ drain: true });
    there.finish(there.deliveries[0]);
    await drained;
    expect(await (await harness.open()).inspect('t1')).toBeUndefined();
  });

  test(`${name} D22: what was queued and held is there when everything was closed and opened again`, async () => {
    const harness = makeHarness();
    const before = await harness.open();
    const held = consumeHere(before, 2);
    await before.enqueueMany(Array.from({ length: 20 }, (_, i) => ticket(`t${i}`)));
    await until(() => held.deliveries.length === 2);
    await before.close();
    const after = await harness.open();
    expect(await after.counts(LANE)).toEqual({ held: 0, waiting: 20, delayed: 0 });
    const order: string[] = [];
    consumeInOrder(after, order);
    await until(() => order.length === 20);
    expect(new Set(order).size).toBe(20);
  });

  test.each([3_600_000, -3_600_000])(`${name} D25: a holder whose clock is %i ms ahead`, async (skewMs) => {
    const harness = makeHarness();
    const wrong = await harness.spawn(LANE, { concurrency: 4, hold: true, skewMs });
    const driver = await harness.open();
    await driver.enqueue(ticket('now'));
    await until(() => wrong.deliveries.length === 1);
    const keep = performance.now() + 2 * harness.leaseMs;
    while (performance.now() < keep) {
      expect(await wrong.touch('now')).toBe(true);
      await delay(50);
    }
    expect(await driver.inspect('now')).toMatchObject({ state: 'held', fence: 1 });
    expect(await wrong.settle('now')).toBe(true);
    if (!harness.ownClock) return;
    const notBefore = harness.now() + 1_000;
    await driver.enqueue(ticket('later', { notBefore }));
    await until(() => wrong.deliveries.length === 2, 'the delivery of what is due');
    expect(harness.now()).toBeGreaterThanOrEqual(notBefore);
  });

  test(`${name} D26: names that not every backend can hold are refused`, async () => {
    const driver = await makeHarness().open();
    const refused = { code: 'INVALID_INPUT' };
    for (const id of ['', 'a b', 'a:b', '../a', 'é', 'a\n', 'x'.repeat(121), 'x'.repeat(1_000_000)]) {
      await expect(driver.enqueue(ticket(id))).rejects.toMatchObject(refused);
      await expect(driver.enqueue({ id: 'fine', lane: id })).rejects.toMatchObject(refused);
    }
    expect(await driver.counts()).toEqual({ held: 0, waiting: 0, delayed: 0 });
    const fine = ['run_01JD.1', 'A-z_0.9', '123', 'wait', 'active', 'meta', 'id', 'x'.repeat(120)];
    expect(await driver.enqueueMany(fine.map((id) => ticket(id)))).toEqual(fine.map(() => 'added'));
    const order: string[] = [];
    consumeInOrder(driver, order);
    await until(() => order.length === fine.length);
    expect(order).toEqual(fine);
    expect(await driver.missing([ticket('wait'), ticket('none')])).toEqual(['wait', 'none']);
  });

  test(`${name}: a ticket that one consumer cannot do is left to another`, async () => {
    const harness = makeHarness();
    const [first, second] = [await harness.open(), await harness.open()];
    let refused = 0;
    const refuse = async (): Promise<Settlement> => {
      refused++;
      return 'elsewhere';
    };
    first.consume(LANE, { concurrency: 4, handler: refuse });
    await first.enqueue(ticket('t1'), { fresh: true });
    await until(async () => refused === 1 && (await first.inspect('t1'))?.state === 'waiting');
    const there = consumeHere(second, 4);
    await until(() => there.deliveries[0]);
    expect(refused).toBe(1);
  });

  test(`${name}: work under a lease happens in one process at a time`, async () => {
    const harness = makeHarness();
    const [a, b] = [await harness.open(), await harness.open()];
    const inside = await a.exclusively('upkeep', async () => b.exclusively('upkeep', async () => 'both'));
    expect(inside).toBeUndefined();
    expect(await b.exclusively('upkeep', async () => 'free again')).toBe('free again');
  });
}
