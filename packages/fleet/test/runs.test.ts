import { join } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTools } from '../src/runs/index.ts';
import { runningWith } from './support/processes.ts';
import { type CallTool, callerOf, SOMEBODY, startWorld, type World } from './support/world.ts';

let world: World;
let call: CallTool;

beforeAll(async () => {
  world = await startWorld();
  call = callerOf(runTools({ engine: world.engine, shortWaitMs: 10_000 }), world);
});
afterAll(() => world.stop());

type Rows = { id: string; state: string; position?: number; code?: string; hosts: string[] }[];
const exec = (cmd: string): Promise<string> => world.submit('exec', { alias: 'web1', cmd });
const rowsOf = (data: Record<string, unknown>): Rows => data['rows'] as Rows;

test('task_status of a run that ended: state, exit code, output, what to do next', async () => {
  const id = await exec('echo out; echo err >&2; exit 3');
  await world.ended(id);
  const { data, words, isError } = await call('task_status', { id });
  expect(data).toMatchObject({
    id,
    tool: 'exec',
    state: 'failed',
    ended: true,
    hosts: ['web1'],
    summary: 'echo out; echo err >&2; exit 3',
    principal: SOMEBODY.id,
    output: { exitCode: 3, stdout: 'out\n' },
    steps: [{ key: 'main', alias: 'web1', kind: 'command', exitCode: 3 }],
  });
  expect(data['createdAt']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(isError).toBeUndefined();
  expect(words).toContain(`${id}: exec on web1 failed`);
  expect(words).toContain('out');
  expect(words).toContain('task_output');
});

test('an id that never was is NOT_FOUND in every tool that takes one', async () => {
  const id = 'run_01ARZ3NDEKTSV4RRFFQ69G5FAV';
  for (const name of ['task_status', 'task_wait', 'task_output', 'task_cancel', 'task_retry']) {
    const { data } = await call(name, { id });
    expect(data, name).toMatchObject({ error: true, code: 'NOT_FOUND' });
  }
  expect((await call('task_answer', { id, answer: 'y' })).data).toMatchObject({ code: 'NOT_FOUND' });
});

test.each(['', '../../etc/passwd', 'run 1', "run_1'; DROP TABLE job_run; --", 'x'.repeat(200)])(
  'the id %j is refused',
  async (id) => {
    expect((await call('task_status', { id })).data).toMatchObject({ code: 'INVALID_INPUT' });
  },
);

describe('waiting', () => {
  test('task_wait returns at the end', async () => {
    const id = await exec('sleep 0.4; echo done');
    const { data } = await call('task_wait', { id, seconds: 30 });
    expect(data).toMatchObject({ ended: true, state: 'succeeded', output: { stdout: 'done\n' } });
  });

  test('task_wait returns after its seconds, and the run goes on', async () => {
    const gate = join(world.sshd.home, 'go-on');
    const id = await exec(`while [ ! -e ${gate} ]; do sleep 0.05; done`);
    const { data, words } = await call('task_wait', { id, seconds: 0.2 });
    expect(data).toMatchObject({ ended: false, state: 'running' });
    expect(words).toContain(`task_wait {"id":"${id}"}`);
    await world.submit('exec', { alias: 'web1', cmd: `touch ${gate}` });
    expect((await world.ended(id)).state).toBe('succeeded');
  });

  test('progress of the run comes through task_wait', async () => {
    const id = await world.submit('count', { to: 4 });
    const seen: unknown[] = [];
    const { data } = await call('task_wait', { id }, { onProgress: (update) => seen.push(update) });
    expect(data).toMatchObject({ ended: true, output: { counted: 4 } });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen[0]).toMatchObject({ total: 4, message: expect.stringMatching(/^at \d$/) });
  });

  test('a wait is given up when its caller goes away; the run is not', async () => {
    const id = await exec('sleep 1; echo later');
    const gone = new AbortController();
    const waiting = call('task_wait', { id, seconds: 45 }, { signal: gone.signal });
    gone.abort();
    expect((await waiting).data).toMatchObject({ code: 'CANCELLED' });
    expect((await world.ended(id)).state).toBe('succeeded');
  });

  test('more than 45 seconds are refused', async () => {
    expect((await call('task_wait', { id: 'run_1', seconds: 46 })).data).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('output', () => {
  let id: string;
  const text = Array.from({ length: 400 }, (_, at) => `line ${at} of many\n`).join('');
  beforeAll(async () => {
    id = await exec(
      `i=0; while [ $i -lt 400 ]; do echo "line $i of many"; i=$((i+1)); done; printf '\\033[31mred\\007\\n' >&2`,
    );
    await world.ended(id);
  });

  test('page by page it is the whole, to the byte', async () => {
    let read = '';
    let offset = 0;
    for (let complete = false; !complete; ) {
      const { data } = await call('task_output', { id, stream: 'stdout', offset, limit: 1_000 });
      expect(data['offset']).toBe(offset);
      read += data['text'];
      offset = data['nextOffset'] as number;
      complete = data['complete'] as boolean;
    }
    expect(read).toBe(text);
  });

  test('any range can be read', async () => {
    const { data } = await call('task_output', { id, offset: text.indexOf('line 300'), limit: 8 });
    expect(data).toMatchObject({ text: 'line 300', alias: 'web1', stream: 'stdout', complete: false });
  });

  test('without a stream the first that is not empty is read and the others are named', async () => {
    const { data, words } = await call('task_output', { id });
    expect(data['stream']).toBe('stdout');
    expect(data['streams']).toHaveLength(2);
    expect(words).toMatch(/stderr +\d+/);
  });

  test('control characters are visible in text, and the text is marked as data', async () => {
    const { words } = await call('task_output', { id, stream: 'stderr' });
    expect(words).toContain('␛[31mred␇');
    expect(words).not.toContain('\u001b');
    expect(words).toMatch(/data not instructions/);
  });

  test('search answers with lines and their offsets', async () => {
    const { data, words } = await call('task_output', { id, search: 'LINE 39' });
    const matches = data['matches'] as { line: string; offset: number }[];
    expect(matches.map(({ line }) => line)).toEqual(
      [39, 390, 391, 392, 393, 394, 395, 396, 397, 398, 399].map((at) => `line ${at} of many`),
    );
    for (const { line, offset } of matches) expect(text.slice(offset, offset + line.length)).toBe(line);
    expect(words).toContain('11 lines');
    expect(data['text']).toBeUndefined();
  });

  test('a run that printed nothing says so', async () => {
    const silent = await exec('true');
    await world.ended(silent);
    const { words } = await call('task_output', { id: silent });
    expect(words).toMatch(/Nothing there yet|No output/);
  });
});

test('task_cancel ends the remote processes and says so', async () => {
  const long = `60606.${process.pid}`;
  const sleeping = (): number => runningWith(long);
  const id = await exec(`sh -c 'sleep ${long}; true' & sleep ${long}`);
  await waitFor(() => sleeping() >= 2);
  const { data, words } = await call('task_cancel', { id });
  expect(data).toMatchObject({ ended: true, state: 'cancelled', code: 'CANCELLED' });
  expect(words).toContain('cancelled');
  expect(sleeping()).toBe(0);
  expect((await call('task_cancel', { id })).data).toMatchObject({ error: true, code: 'CONFLICT' });
});

describe('questions', () => {
  const asks = async (cmd: string): Promise<string> => {
    const id = await world.submit('ask', { alias: 'web1', cmd });
    expect((await world.engine.runs.wait(id, 20_000)).state).toBe('waiting');
    return id;
  };

  test('task_wait returns at a question, task_answer answers it, the run goes on', async () => {
    const id = await asks("printf 'Continue? [y/N] '; read a; echo got:$a");
    const { data, words } = await call('task_wait', { id });
    expect(data).toMatchObject({
      ended: false,
      state: 'waiting',
      questions: [{ alias: 'web1', secret: false }],
    });
    expect(words).toContain('Continue? [y/N]');
    expect(words).toContain('task_answer');
    expect((await call('task_answer', { id, answer: 'yes', alias: 'web1' })).data).toMatchObject({ id });
    const { output } = await world.ended(id);
    expect(output?.['stdout']).toContain('got:yes');
    expect((await call('task_answer', { id, answer: 'again' })).data).toMatchObject({ code: 'CONFLICT' });
  });

  test('a secret question is DENIED, and says how a person answers it', async () => {
    const id = await asks("stty -echo; printf 'Password: '; read p; echo end");
    const { data } = await call('task_answer', { id, answer: 'hunter2' });
    expect(data).toMatchObject({
      error: true,
      code: 'DENIED',
      hint: expect.stringContaining(`flotilla task answer ${id}`),
    });
    expect((await call('task_cancel', { id })).data).toMatchObject({ state: 'cancelled' });
  });

  test.each(['y\n', 'a\rb', 'x\u0003', 'y\u0000'])(
    'an answer with control characters is refused: %j',
    async (answer) => {
      expect((await call('task_answer', { id: 'run_1', answer })).data).toMatchObject({
        code: 'INVALID_INPUT',
      });
    },
  );
});

describe('lists', () => {
  test('task_queue shows what is open, with earlier words for states too', async () => {
    const gate = join(world.sshd.home, 'queue-gate');
    const id = await exec(`while [ ! -e ${gate} ]; do sleep 0.05; done `);
    await waitFor(() => world.engine.get(id).state === 'running');
    const all = await call('task_queue');
    expect(rowsOf(all.data).map((row) => row.id)).toContain(id);
    expect(all.words).toContain(id);
    expect(all.words).toMatch(/running +exec +web1/);
    const running = await call('task_queue', { status: 'running', limit: 1 });
    expect(rowsOf(running.data)).toHaveLength(1);
    const pending = await call('task_queue', { status: ['pending', 'scheduled'] });
    expect(rowsOf(pending.data)).toEqual([]);
    expect(pending.words).toContain('No run matches');
    await exec(`touch ${gate}`);
    await world.ended(id);
    const completed = await call('task_queue', { status: 'completed' });
    expect(rowsOf(completed.data).find((row) => row.id === id)).toMatchObject({ state: 'succeeded' });
  });

  test('task_history filters by host, tool, state and text, page by page', async () => {
    for (const at of [1, 2, 3]) await world.ended(await exec(`echo pager ${at}`));
    await world.ended(await exec('echo pager 4; exit 4'));
    const one = await call('task_history', { text: 'PAGER', limit: 3 });
    expect(one.data).toMatchObject({ total: 4, nextOffset: 3 });
    const two = await call('task_history', { text: 'pager', limit: 3, offset: 3 });
    const ids = [...rowsOf(one.data), ...rowsOf(two.data)].map((row) => row.id);
    expect(new Set(ids).size).toBe(4);
    expect(two.data['nextOffset']).toBeUndefined();
    const failed = await call('task_history', {
      text: 'pager',
      state: 'failed',
      alias: 'web1',
      tool: 'exec',
    });
    expect(rowsOf(failed.data)).toHaveLength(1);
    expect(rowsOf((await call('task_history', { text: 'pager', tool: 'other' })).data)).toEqual([]);
    expect(rowsOf((await call('task_history', { text: 'pager', state: 'queued' })).data)).toEqual([]);
    const full = await call('task_history', { text: 'pager', compact: false });
    expect(rowsOf(full.data)[0]).toMatchObject({ principal: SOMEBODY.id, server: 'test' });
    expect(rowsOf(one.data)[0]).not.toHaveProperty('principal');
  });

  test('queue_stats counts what happened', async () => {
    const before = (await call('queue_stats')).data as { total: number; byType: Record<string, number> };
    await world.ended(await exec('echo counted'));
    const { data, words } = await call('queue_stats');
    expect(data).toMatchObject({ total: before.total + 1, depth: 0, driver: { ok: true } });
    expect((data['byStatus'] as Record<string, number>)['succeeded']).toBeGreaterThan(0);
    expect((data['byType'] as Record<string, number>)['exec']).toBe((before.byType['exec'] ?? 0) + 1);
    expect(data['successRate']).toBeGreaterThan(0);
    expect(data['avgDuration']).toBeGreaterThan(0);
    expect(words).toMatch(/\d+ runs: \d+ % succeeded/);
  });
});

test('task_retry runs it again with the same arguments and names the first', async () => {
  const file = join(world.sshd.home, 'tries');
  const id = await exec(`echo try >> ${file}; cat ${file}; test $(wc -l < ${file}) -ge 2`);
  expect((await world.ended(id)).state).toBe('failed');
  const { data } = await call('task_retry', { id });
  expect(data).toMatchObject({
    retryOf: id,
    state: 'succeeded',
    existing: false,
    output: { stdout: 'try\ntry\n' },
  });
  expect(data['id']).not.toBe(id);
});

test('task_retry refuses a run that has not ended', async () => {
  const gate = join(world.sshd.home, 'retry-gate');
  const id = await exec(`while [ ! -e ${gate} ]; do sleep 0.05; done`);
  expect((await call('task_retry', { id })).data).toMatchObject({ code: 'CONFLICT' });
  await exec(`touch ${gate}`);
  await world.ended(id);
});

describe('who may see a run', () => {
  const denied = new FlotillaError('DENIED', 'Not for you.');

  test('a principal that is not admitted to its tool and host finds nothing', async () => {
    const id = await exec('echo private');
    await world.ended(id);
    const other = { id: 'token:other', kind: 'token' as const };
    const admits = (principal: { id: string }) => (principal.id === other.id ? denied : undefined);
    const guarded = callerOf(runTools({ engine: world.engine, admits }), world);
    for (const name of ['task_status', 'task_wait', 'task_output', 'task_cancel', 'task_retry'])
      expect((await guarded(name, { id }, { principal: other })).data, name).toMatchObject({
        code: 'NOT_FOUND',
      });
    expect(rowsOf((await guarded('task_history', {}, { principal: other })).data)).toEqual([]);
    expect((await guarded('task_output', { id })).data['text']).toBe('private\n');
  });

  test('one that may only look cannot steer', async () => {
    const id = await exec('echo look');
    await world.ended(id);
    const readOnly = callerOf(
      runTools({
        engine: world.engine,
        admits: (_who, _run, effect) => (effect === 'read' ? undefined : denied),
      }),
      world,
    );
    expect((await readOnly('task_status', { id })).data['state']).toBe('succeeded');
    for (const name of ['task_cancel', 'task_retry'])
      expect((await readOnly(name, { id })).data, name).toMatchObject({ code: 'DENIED' });
  });
});
