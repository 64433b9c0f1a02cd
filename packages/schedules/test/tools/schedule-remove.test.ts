import { expect, test } from 'vitest';
import { testProcess } from '../support/process.ts';

const on = testProcess();

test('the schedule and its history go, what it has started goes on', async () => {
  const args = { alias: 'web1', file: on.file('run'), gate: on.file('gate') };
  await on.ok('schedule_add', { name: 'a', cron: '@yearly', tool: 'mark_run', args });
  const { firing } = await on.ok<{ firing: { runId: string } }>('schedule_run', { name: 'a' });
  const { openRuns, text } = await on.ok<{ openRuns: string[] }>('schedule_remove', { name: 'a' });
  expect(openRuns).toEqual([firing.runId]);
  expect(text).toContain(firing.runId);
  expect(await on.fails('schedule_list', { name: 'a' })).toMatchObject({ code: 'NOT_FOUND' });
  on.open('gate');
  const ended = await on.ok<{ state: string }>('task_wait', { id: firing.runId, seconds: 30 });
  expect(ended.state).toBe('succeeded');
  const left = on.runtime.services.store.read((sql) => sql.get('SELECT count(*) AS n FROM schedule_firing'));
  expect(left).toEqual({ n: 0 });
});

test('an unknown name', async () => {
  expect(await on.fails('schedule_remove', { name: 'a' })).toMatchObject({ code: 'NOT_FOUND' });
});
