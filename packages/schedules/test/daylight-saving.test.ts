import { expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const to = (iso: string): void => clock.put(Date.parse(iso) - Date.now());
const fired = async (name: string): Promise<string[]> =>
  (await on.show(name)).firings.filter(({ state }) => state === 'succeeded').map(({ fireAt }) => fireAt);

test('Europe/Paris: half past two comes once on the day without it, and once on the day that has it twice', async () => {
  to('2027-03-28T00:50:00Z');
  const args = { file: on.file('paris') };
  const schedule = { cron: '30 2 * * *', zone: 'Europe/Paris', tool: 'look_now', args, missed: 'skip' };
  await on.ok('schedule_add', { name: 'paris', ...schedule });
  await on.ok('schedule_add', { name: 'hourly', ...schedule, cron: '30 * * * *' });
  to('2027-03-28T00:59:59Z');
  await on.until('paris', ([one]) => one?.state === 'succeeded');
  expect(await fired('paris')).toEqual(['2027-03-28T01:00:00.000Z']);

  to('2027-10-31T00:20:00Z');
  await on.until('paris', ([one]) => one?.state === 'skipped');
  await on.until('hourly', ([one]) => one?.state === 'skipped');
  for (const half of ['2027-10-31T00:29:59Z', '2027-10-31T01:29:59Z']) {
    const before = (await fired('hourly')).length;
    to(half);
    await on.until('hourly', (all) => all.filter(({ state }) => state === 'succeeded').length > before);
  }
  expect((await fired('hourly')).slice(0, 2)).toEqual([
    '2027-10-31T01:30:00.000Z',
    '2027-10-31T00:30:00.000Z',
  ]);
  expect(await fired('paris')).toEqual(['2027-10-31T00:30:00.000Z', '2027-03-28T01:00:00.000Z']);
});
