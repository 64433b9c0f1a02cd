import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processes, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { assistant, person, pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

const exec = (cmd: string, alias = 'web1') => ({ tool: 'task_exec', with: { alias, cmd } });
const engine = () => on.hub.runtime.services.engine;
const childOf = async (id: string, state = 'running'): Promise<string> =>
  waitFor(
    () =>
      engine()
        .list()
        .runs.find((run) => run.tool === 'task_exec' && run.state === state && run.id > id)?.id,
    { what: 'the run of a step' },
  );

test('a cancel reaches the command under way; nothing later starts, nothing is undone', async () => {
  const id = await on.start({
    name: 'cancel-me',
    steps: [
      { key: 'one', ...exec('true'), undo: exec('echo undone >> ~/k.log') },
      { key: 'two', needs: ['one'], ...exec('echo $$ > ~/pid; sleep 300; echo late >> ~/k.log') },
      { key: 'three', needs: ['two'], ...exec('echo three >> ~/k.log') },
    ],
  });
  await waitFor(() => on.lines('pid').length > 0, { what: 'the command' });
  const child = await childOf(id);
  await on.call('task_cancel', { id });
  const run = await on.end(id);
  expect(run).toMatchObject({ state: 'cancelled', report: { state: 'cancelled', undone: false } });
  expect(run.report.steps.map(({ key, state }) => [key, state])).toEqual([
    ['one', 'succeeded'],
    ['two', 'cancelled'],
    ['three', 'not_started'],
  ]);
  expect(engine().get(child).state).toBe('cancelled');
  expect(on.lines('k.log')).toEqual([]);
});

test('a cancel while it waits for a person, and one while it takes back', async () => {
  const waiting = await on.start({ name: 'w', steps: [{ key: 'one', approval: {}, ...exec('true') }] });
  await waitFor(() => engine().get(waiting).state === 'waiting', { what: 'the question' });
  await engine().cancel(waiting, person);
  expect(await on.end(waiting)).toMatchObject({ state: 'cancelled' });

  const undoing = await on.start({
    name: 'u',
    steps: [
      { key: 'first', ...exec('true'), undo: exec('echo first >> ~/undo.log') },
      { key: 'one', needs: ['first'], ...exec('true'), undo: exec('echo one >> ~/undo.log; sleep 300') },
      { key: 'two', needs: ['one'], ...exec('exit 1') },
    ],
  });
  await waitFor(() => on.lines('undo.log').includes('one'), { what: 'the undo' });
  expect(engine().get(undoing).state).toBe('compensating');
  await engine().cancel(undoing, person);
  const run = await on.end(undoing);
  expect(run.state).toBe('cancelled');
  expect(run.report.steps.map(({ key, undo }) => [key, undo])).toEqual([
    ['first', 'not_undone'],
    ['one', 'not_undone'],
    ['two', undefined],
  ]);
  expect(on.lines('undo.log')).toEqual(['one']);
});

test('a step that reaches its time limit ends on its host', async () => {
  const run = await on.run({
    name: 'slow',
    steps: [{ key: 'slow', timeout: 1, ...exec('echo $$ > ~/slow; sleep 300; echo late >> ~/slow') }],
  });
  expect(run.report.steps).toMatchObject([{ state: 'timed_out', failure: { code: 'TIMEOUT' } }]);
  const child = run.report.steps[0]?.items[0]?.runId;
  expect(child === undefined ? '' : engine().get(child).state).toBe('cancelled');
});

test('only listed causes are tried again, each time as a call of its own', async () => {
  const cmd = 'echo x >> ~/tries; test $(wc -l < ~/tries) -ge 3';
  const run = await on.run({
    name: 'again',
    steps: [{ key: 'try', retry: { maxAttempts: 5, backoff: 0, on: ['ERROR_ANSWER'] }, ...exec(cmd) }],
  });
  expect(run.report.steps).toMatchObject([{ state: 'succeeded', items: [{ attempts: 3 }] }]);
  expect(on.lines('tries')).toHaveLength(3);
  const once = await on.run({
    name: 'once',
    steps: [{ key: 'try', retry: { maxAttempts: 5, backoff: 0 }, ...exec('echo x >> ~/once; exit 1') }],
  });
  expect(once.report.steps).toMatchObject([{ state: 'failed', items: [{ attempts: 1 }] }]);
  expect(on.lines('once')).toHaveLength(1);
});

test('two pipelines with one lock run one after the other; a step can have a lock of its own', async () => {
  const steps = (name: string) => [
    { key: 'in', ...exec(`echo in-${name} >> ~/lock.log; sleep 0.3`) },
    { key: 'out', needs: ['in'], ...exec(`echo out-${name} >> ~/lock.log`) },
  ];
  const ids = await Promise.all(
    ['a', 'b', 'c'].map((name) => on.start({ name, locks: ['deploy'], steps: steps(name) })),
  );
  for (const id of ids) expect(await on.end(id)).toMatchObject({ state: 'succeeded' });
  const lines = on.lines('lock.log');
  for (let at = 0; at < 6; at += 2) expect(lines[at]?.replace('in', 'out')).toBe(lines[at + 1]);

  const one = (name: string) => ({
    name,
    inputs: { app: { default: 'shop' } },
    steps: [
      {
        key: 'only',
        lock: `deploy:${x('inputs.app')}`,
        ...exec('echo in >> ~/step.log; sleep 0.3; echo out >> ~/step.log'),
      },
    ],
  });
  const both = await Promise.all(['d', 'e'].map((name) => on.start(one(name))));
  for (const id of both) await on.end(id);
  expect(on.lines('step.log')).toEqual(['in', 'out', 'in', 'out']);
});

test('a lock that is held: fail at once, or cancel who holds it', async () => {
  const holds = (name: string, more: object = {}) => ({
    name,
    locks: ['one-at-a-time'],
    steps: [{ key: 'hold', ...exec(`echo ${name} >> ~/held.log; sleep 300`) }],
    ...more,
  });
  const first = await on.start(holds('first'));
  await waitFor(() => on.lines('held.log').length === 1, { what: 'the first' });
  const failed = await on.run(holds('second', { onLocked: 'fail' }));
  expect(failed).toMatchObject({
    state: 'failed',
    failure: { code: 'CONFLICT', details: { holder: first } },
  });
  const third = await on.start(holds('third', { onLocked: 'replace' }));
  await waitFor(() => on.lines('held.log').length === 2, { timeoutMs: 30_000, what: 'the third' });
  expect(on.lines('held.log')).toEqual(['first', 'third']);
  expect(engine().get(first).state).toBe('cancelled');
  await engine().cancel(third, person);
  await on.end(third);
});

test('the same idempotencyKey is the same run', async () => {
  const definition = { name: 'key', steps: [{ key: 'one', ...exec('echo x >> ~/key.log') }] };
  const args = { definition, idempotencyKey: 'k-1' };
  const runs = await Promise.all([1, 2, 3].map(() => on.call('pipeline_run', args)));
  for (const { structuredContent } of runs) expect(structuredContent).toMatchObject({ state: 'succeeded' });
  expect(on.lines('key.log')).toEqual(['x']);
  const other = await on.call('pipeline_run', {
    definition: { ...definition, name: 'x' },
    idempotencyKey: 'k-1',
  });
  expect(other.structuredContent).toMatchObject({ code: 'CONFLICT' });
});

test('a rerun from what failed keeps the results of the steps before it', async () => {
  const run = await on.run({
    name: 'rerun',
    steps: [
      { key: 'one', ...exec('echo one >> ~/re.log; echo value') },
      {
        key: 'two',
        needs: ['one'],
        onFailure: 'stop',
        ...exec(`echo two ${x('steps.one.output.rows[0].stdout.trim()')} >> ~/re.log; test -e ~/fixed`),
      },
    ],
  });
  expect(run.state).toBe('failed');
  await on.call('task_exec', { alias: 'web1', cmd: 'touch ~/fixed' });
  const again = await engine().retry(run.id, { from: 'failed' }, assistant);
  expect(await on.end(again.id)).toMatchObject({ state: 'succeeded' });
  expect(on.lines('re.log')).toEqual(['one', 'two value', 'two value']);
});

test('a run that was interrupted makes its pipeline wait for a person, who says what became of it', async () => {
  const id = await on.start({
    name: 'lost',
    steps: [
      { key: 'one', ...exec('echo $$ > ~/lost.pid; echo begun >> ~/lost.log; sleep 300; true') },
      { key: 'two', needs: ['one'], ...exec('echo two >> ~/lost.log') },
    ],
  });
  await waitFor(() => on.lines('lost.log').includes('begun'), { what: 'the command' });
  const child = await childOf(id);
  // The command, its supervisor and its files are gone: nobody can know what it did.
  const all = processes();
  const shell = Number(on.lines('lost.pid')[0]);
  const parent = all.find(({ pid }) => pid === shell)?.parent ?? 0;
  const sleep = all.find((one) => one.parent === shell)?.pid ?? 0;
  for (const pid of [parent, shell, sleep]) if (pid > 1) process.kill(pid, 'SIGKILL');
  const runs = join(on.sshd.home, '.flotilla', 'runs');
  for (const name of readdirSync(runs)) rmSync(join(runs, name), { recursive: true });
  await waitFor(() => engine().get(id).state === 'waiting', {
    timeoutMs: 30_000,
    what: 'the pipeline to wait',
  });
  expect(engine().get(id).waitingFor).toContain(`flotilla task resolve ${child}`);
  expect(on.lines('lost.log')).toEqual(['begun']);
  await engine().resolve(child, 'succeeded', 'looked', person);
  expect(await on.end(id)).toMatchObject({ state: 'succeeded' });
  expect(on.lines('lost.log')).toEqual(['begun', 'two']);
});
