import { expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const HOUR = 3_600_000;

test('a fire time is called once, and followed', async () => {
  const args = { alias: 'web1', file: on.file('hourly') };
  await on.ok('schedule_add', { name: 'hourly', every: '1h', tool: 'mark_run', args });
  clock.put(HOUR);
  const [first] = await on.until('hourly', ([one]) => one?.state === 'succeeded');
  expect(first).toMatchObject({ kind: 'time', runId: expect.stringMatching(/^run_/) });
  clock.put(HOUR);
  await on.until('hourly', (all) => all.length === 2 && all[0]?.state === 'succeeded');
  expect(on.lines('hourly')).toBe(2);
});
