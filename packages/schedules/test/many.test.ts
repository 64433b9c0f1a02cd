import { expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { type Listed, testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const COUNT = 300;

test(`${COUNT} schedules of one moment: each is called once, and the lists stay short`, async () => {
  const names = Array.from({ length: COUNT }, (_, index) => `many${index}`);
  await Promise.all(
    names.map((name) =>
      on.ok('schedule_add', { name, every: '1h', tool: 'look_now', args: { file: on.file(name) } }),
    ),
  );
  clock.put(3_600_000);
  for (const name of names) await on.until(name, ([one]) => one?.state === 'succeeded');
  expect(names.map((name) => on.lines(name))).toEqual(names.map(() => 1));
  const { schedules, leftOut } = await on.ok<Listed & { leftOut: number }>('schedule_list');
  expect(schedules).toHaveLength(200);
  expect(leftOut).toBe(COUNT - 200);
});

test('500 are the most', async () => {
  const add = (name: string) =>
    on.call('schedule_add', { name, every: '1d', tool: 'look_now', args: { file: '/dev/null' } });
  const answers = await Promise.all(Array.from({ length: 201 }, (_, index) => add(`more${index}`)));
  const refused = answers.filter(({ isError }) => isError);
  expect(refused.map(({ structuredContent }) => structuredContent)).toMatchObject([
    { code: 'CONFLICT', message: 'There are 500 schedules, which is the most.' },
  ]);
  expect((await add('more0')).isError).not.toBe(true);
});

test.each([
  [{ name: 7 }],
  [{ name: 'x', tool: {} }],
  [{ name: 'x', tool: 'look_now', args: 'file=x', every: '1h' }],
  [{ name: 'x', tool: 'look_now', args: [], every: '1h' }],
  [{ name: 'x', tool: 'look_now', args: { file: 'a\0b' }, every: '1h' }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x'.repeat(1_000_000) }, every: '1h' }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x' }, cron: 5 }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x' }, cron: '*'.repeat(300) }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x' }, every: '1h', missed: 'all' }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x' }, every: '1h', missed: 'all', unknown: 1 }],
  [{ name: 'x', tool: 'look_now', args: JSON.parse('{"__proto__":{"file":"x"}}'), every: '1h' }],
  [{ name: 'x', tool: 'look_now', args: { file: 'x' }, every: '1h', notes: 'n'.repeat(2_000) }],
])('refused: %j', async (args) => {
  expect(await on.fails('schedule_add', args)).toMatchObject({ code: 'INVALID_INPUT' });
});
