import { describe, expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const HOUR = 3_600_000;

const add = (name: string, more: object): Promise<unknown> =>
  on.ok('schedule_add', { name, every: '1h', tool: 'look_now', args: { file: on.file(name) }, ...more });

/** No process for so many hours and a half. */
const away = (hours: number): Promise<void> => on.restart(() => clock.put(hours * HOUR + HOUR / 2));

describe('three fire times pass while no process runs', () => {
  test('skip', async () => {
    await add('skip', { missed: 'skip' });
    await away(3);
    const [only] = await on.until('skip', ({ length }) => length > 0);
    expect(only).toMatchObject({ state: 'skipped', times: 3, reason: expect.stringContaining('missed') });
    expect(on.lines('skip')).toBe(0);
    clock.put(HOUR / 2);
    await on.until('skip', ([next]) => next?.state === 'succeeded');
    expect(on.lines('skip')).toBe(1);
  });

  test('run_once', async () => {
    await add('once', {});
    await away(3);
    const [late, left] = await on.until('once', ([one]) => one?.state === 'succeeded');
    expect(late).toMatchObject({ late: true, kind: 'time' });
    expect(left).toMatchObject({ state: 'skipped', times: 2 });
    expect(on.lines('once')).toBe(1);
  });

  test('run_all', async () => {
    await add('all', { missed: 'run_all' });
    await away(3);
    const all = await on.until('all', (found) => found.length === 3 && found[0]?.state === 'succeeded');
    expect(all.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(on.lines('all')).toBe(3);
    const times = all.map(({ fireAt }) => Date.parse(fireAt));
    expect([(times[0] ?? 0) - (times[1] ?? 0), (times[1] ?? 0) - (times[2] ?? 0)]).toEqual([HOUR, HOUR]);
  });

  test('run_once, but the grace is over', async () => {
    await add('grace', { grace: '10m' });
    await away(3);
    const [only] = await on.until('grace', ({ length }) => length > 0);
    expect(only).toMatchObject({ state: 'skipped', times: 3, reason: expect.stringContaining('grace') });
    expect(on.lines('grace')).toBe(0);
  });
});

test('a time that came once and was missed still runs, and is done then', async () => {
  const at = new Date(Date.now() + HOUR).toISOString();
  await on.ok('schedule_add', { name: 'at', at, tool: 'look_now', args: { file: on.file('at') } });
  await away(2);
  await on.until('at', ([one]) => one?.state === 'succeeded');
  expect((await on.show('at')).schedule).toMatchObject({ state: 'done', next: [] });
  await away(200);
  expect((await on.show('at')).firings).toHaveLength(1);
  expect(on.lines('at')).toBe(1);
});

test('the clock is put back by an hour: what has fired does not fire again', async () => {
  await add('back', {});
  clock.put(HOUR);
  await on.until('back', ([one]) => one?.state === 'succeeded');
  clock.put(-HOUR);
  await add('witness', { every: '10s' });
  clock.put(11_000);
  await on.until('witness', ([one]) => one?.state === 'succeeded');
  clock.put(HOUR);
  await on.until('witness', (all) => all.length >= 2 && all.every(({ state }) => state !== 'calling'));
  expect(on.lines('back')).toBe(1);
  expect((await on.show('back')).firings).toHaveLength(1);
  clock.put(HOUR);
  await on.until('back', (all) => all.length === 2 && all[0]?.state === 'succeeded');
});

test('a clock that was years ahead and is right again leaves nothing behind', async () => {
  await add('years', {});
  clock.put(3 * 8_760 * HOUR);
  await on.until('years', ([one]) => one !== undefined && one.state !== 'calling');
  const before = on.lines('years');
  clock.put(-3 * 8_760 * HOUR);
  await on.until('years', () =>
    on.runtime.services.store.read((sql) =>
      sql.get('SELECT 1 FROM schedule WHERE name = ? AND due_at <= ?', ['years', Date.now() + HOUR]),
    ),
  );
  clock.put(HOUR);
  await on.until('years', () => on.lines('years') === before + 1);
});

test('paused time is not made up for', async () => {
  await add('paused', { missed: 'run_all' });
  await on.ok('schedule_add', { name: 'paused', enabled: false });
  clock.put(5 * HOUR);
  await on.ok('schedule_add', { name: 'paused', enabled: true });
  clock.put(HOUR);
  await on.until('paused', ([one]) => one?.state === 'succeeded');
  expect(on.lines('paused')).toBe(1);
});
