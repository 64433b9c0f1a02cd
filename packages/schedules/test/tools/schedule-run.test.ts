import { expect, test } from 'vitest';
import { testProcess } from '../support/process.ts';

const on = testProcess();
const YEARLY = { cron: '@yearly', zone: 'UTC' };

test('a call that is no run answers with its output', async () => {
  await on.ok('schedule_add', { name: 'look', ...YEARLY, tool: 'look_now', args: { file: on.file('look') } });
  const fired = await on.ok<{ firing: object }>('schedule_run', { name: 'look' });
  expect(fired.firing).toMatchObject({ kind: 'hand', state: 'succeeded', output: '{"word":"done"}' });
  expect(on.lines('look')).toBe(1);
});

test('a run is answered with its id and followed to its end', async () => {
  const args = { alias: 'web1', file: on.file('run'), gate: on.file('run-gate') };
  await on.ok('schedule_add', { name: 'run', ...YEARLY, tool: 'mark_run', args });
  const { firing } = await on.ok<{ firing: { runId: string } }>('schedule_run', { name: 'run' });
  expect(firing).toMatchObject({ state: 'running', runId: expect.stringMatching(/^run_/) });
  expect(await on.fails('schedule_run', { name: 'run' })).toMatchObject({ code: 'CONFLICT' });
  on.open('run-gate');
  const [last] = await on.until('run', ([one]) => one?.state !== 'running');
  expect(last).toMatchObject({ state: 'succeeded', runId: firing.runId });
  expect(on.lines('run')).toBe(1);
});

test('what the call answers with is the answer', async () => {
  const args = { file: on.file('fail'), fail: true };
  await on.ok('schedule_add', { name: 'fail', ...YEARLY, tool: 'look_now', args });
  expect(await on.fails('schedule_run', { name: 'fail' })).toMatchObject({ code: 'CONNECTION_FAILED' });
  const { schedule, firings } = await on.show('fail');
  expect(firings[0]).toMatchObject({ state: 'failed', code: 'CONNECTION_FAILED' });
  // By hand: nobody waits for it to go well.
  expect(schedule.failuresInARow).toBe(0);
});

test('an unknown name', async () => {
  expect(await on.fails('schedule_run', { name: 'lok' })).toMatchObject({
    code: 'NOT_FOUND',
    details: { nearest: 'look' },
  });
});
