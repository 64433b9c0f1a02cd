import { describe, expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const HOUR = 3_600_000;
const mark = (name: string) => ({ tool: 'mark_run', args: { alias: 'web1', file: on.file(name) } });

test('a fire time is called once, and followed', async () => {
  await on.ok('schedule_add', { name: 'hourly', every: '1h', ...mark('hourly') });
  clock.put(HOUR);
  const [first] = await on.until('hourly', ([one]) => one?.state === 'succeeded');
  expect(first).toMatchObject({ kind: 'time', runId: expect.stringMatching(/^run_/) });
  clock.put(HOUR);
  await on.until('hourly', (all) => all.length === 2 && all[0]?.state === 'succeeded');
  expect(on.lines('hourly')).toBe(2);
});

test('at the moment, not at the next look', async () => {
  const { schedule } = await on.ok<{ schedule: { next: { at: string }[] } }>('schedule_add', {
    ...{ name: 'exact', every: '10s', tool: 'look_now', args: { file: on.file('exact') } },
  });
  const at = Date.parse(schedule.next[0]?.at ?? '');
  clock.put(at - Date.now() - 2_500);
  const [fired] = await on.until('exact', ([one]) => one?.state === 'succeeded');
  expect(Date.parse(fired?.fireAt ?? '')).toBe(at);
  expect(Date.parse(fired?.startedAt ?? '')).toBeGreaterThanOrEqual(at);
  await on.ok('schedule_remove', { name: 'exact' });
});

describe('a call that fails is said, counted, and the schedule goes on', () => {
  test('an exit code', async () => {
    const args = { alias: 'web1', file: on.file('code'), code: 3 };
    await on.ok('schedule_add', { name: 'code', every: '1h', tool: 'mark_run', args });
    for (const count of [1, 2]) {
      clock.put(HOUR);
      await on.until('code', (all) => all.length === count && all[0]?.state === 'failed');
      expect((await on.show('code')).schedule.failuresInARow).toBe(count);
    }
    const { text } = await on.ok('schedule_list');
    expect(text).toContain('2 failures in a row');
    await on.ok('schedule_add', { name: 'code', args: { ...args, code: 0 } });
    clock.put(HOUR);
    await on.until('code', ([one]) => one?.state === 'succeeded');
    expect((await on.show('code')).schedule.failuresInARow).toBe(0);
  });

  test('what the tool throws', async () => {
    const args = { file: on.file('throws'), fail: true };
    await on.ok('schedule_add', { name: 'throws', every: '1h', tool: 'look_now', args });
    clock.put(HOUR);
    const [failed] = await on.until('throws', ([one]) => one?.state === 'failed');
    expect(failed).toMatchObject({ code: 'CONNECTION_FAILED', message: 'The far end is not there.' });
    expect(on.lines('throws')).toBe(1);
  });

  test('a host that is not known any more', async () => {
    const { host, port, user, keyPath } = on.sshd;
    const { inventory } = on.runtime.services;
    await inventory.save({ alias: 'gone', host, port, user, keyPath }, { person: true });
    const args = { alias: 'gone', file: on.file('gone') };
    await on.ok('schedule_add', { name: 'gone', every: '1h', tool: 'mark_run', args });
    await inventory.remove('gone', { person: true });
    clock.put(HOUR);
    const [failed] = await on.until('gone', ([one]) => one?.state === 'failed');
    expect(failed).toMatchObject({ code: 'NOT_FOUND' });
    await inventory.save({ alias: 'gone', host, port, user, keyPath }, { person: true });
    clock.put(HOUR);
    await on.until('gone', ([one]) => one?.state === 'succeeded');
  });

  test('a tool that is not there any more', async () => {
    await on.ok('schedule_add', { name: 'tool', every: '1h', ...mark('tool') });
    await on.restart(() => clock.put(HOUR), { things: false });
    const [failed] = await on.until('tool', ([one]) => one?.state === 'failed');
    expect(failed).toMatchObject({ code: 'NOT_FOUND', message: 'There is no tool mark_run any more.' });
    expect(await on.fails('schedule_run', { name: 'tool' })).toMatchObject({ code: 'NOT_FOUND' });
    await on.restart(() => clock.put(HOUR));
    await on.until('tool', ([one]) => one?.state === 'succeeded');
    expect(on.lines('tool')).toBe(1);
  }, 60_000);

  test('a run that is cancelled is no failure', async () => {
    const args = { ...mark('cancel').args, gate: on.file('never') };
    await on.ok('schedule_add', { name: 'cancel', every: '1h', tool: 'mark_run', args });
    clock.put(HOUR);
    const [running] = await on.until(
      'cancel',
      ([one]) => one?.state === 'running' && on.lines('cancel') === 1,
    );
    await on.ok('task_cancel', { id: running?.runId });
    await on.until('cancel', ([one]) => one?.state === 'cancelled');
    expect((await on.show('cancel')).schedule.failuresInARow).toBe(0);
  });
});

test('a run that goes on while the process is started anew is followed to its end', async () => {
  const args = { ...mark('over').args, gate: on.file('over-gate') };
  await on.ok('schedule_add', { name: 'over', every: '1h', tool: 'mark_run', args });
  clock.put(HOUR);
  await on.until('over', ([one]) => one?.state === 'running' && on.lines('over') === 1);
  await on.restart(() => on.open('over-gate'));
  await on.until('over', ([one]) => one?.state === 'succeeded');
  expect(on.lines('over')).toBe(1);
});

test('a run that is not in the history any more', async () => {
  const args = { ...mark('lost').args, gate: on.file('lost-gate') };
  await on.ok('schedule_add', { name: 'lost', every: '1h', tool: 'mark_run', args });
  clock.put(HOUR);
  await on.until('lost', ([one]) => one?.state === 'running');
  await on.runtime.services.store.write((sql) =>
    sql.run(
      "UPDATE schedule_firing SET run_id = 'run_01K00000000000000000000000' WHERE run_id IS NOT NULL AND open = 1",
    ),
  );
  await on.restart();
  expect((await on.until('lost', ([one]) => one?.state === 'unknown'))[0]?.reason).toContain('history');
  on.open('lost-gate');
});

test('a process that ends in the middle of a call that is no run: one that looks is made again, of any other it is said', async () => {
  for (const [name, tool] of [
    ['looks', 'look_now'],
    ['changes', 'change_now'],
  ] as const)
    await on.ok('schedule_add', { name, every: '1h', tool, args: { file: on.file(name), holdMs: 2_000 } });
  clock.put(HOUR);
  for (const name of ['looks', 'changes'])
    await on.until(name, ([one]) => one?.state === 'calling' && on.lines(name) === 1);
  await on.restart();
  const [unknown] = await on.until('changes', ([one]) => one?.state === 'interrupted');
  expect(unknown?.reason).toContain('not known');
  await on.until('looks', ([one]) => one?.state === 'succeeded');
  expect([on.lines('looks'), on.lines('changes')]).toEqual([2, 1]);
});
