import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, failureOf, handleOf, rowOf, useFleet } from '../support/fleet.ts';
import { hubMain, node, sourceArguments, startHub, type TestHub, textOf } from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';

/** The hub that starts runs answers with a handle after a second; another process looks at them. */
const fleet = useFleet({ env: { MCP_SYNC_TIMEOUT_S: '1' } });
let other: TestHub;

beforeAll(async () => {
  other = await startHub(fleet.home);
});
afterAll(() => other?.close());

const exec = (cmd: string, more: Record<string, unknown> = {}) =>
  fleet.hub.call('task_exec', { alias: 'web1', cmd, ...more });

/** Starts a command that goes on until `go` is called. */
async function held(name: string, script = 'echo begun', after = 'echo done') {
  const gate = join(fleet.sshd.home, `gate-${name}`);
  const cmd = `${script}; until [ -e '${gate}' ]; do sleep 0.05; done; ${after}`;
  const handle = handleOf(await exec(cmd));
  return { ...handle, cmd, go: () => rowOf2(`touch '${gate}'`) };
}
const rowOf2 = async (cmd: string): Promise<string> => rowOf(await exec(cmd)).stdout;

interface Status {
  id: string;
  state: string;
  ended: boolean;
  tail: string;
  next: string;
  steps: { exitCode?: number; state: string }[];
  output?: { rows: { stdout: string }[] };
}
interface Output {
  text: string;
  offset: number;
  nextOffset: number;
  complete: boolean;
}

describe.concurrent('a command that takes longer than the wait', () => {
  test('answers with a handle that says what to do next', async ({ expect }) => {
    const run = await held('handle');
    expect(run).toMatchObject({ state: 'running', tail: 'begun\n' });
    expect(run.next).toContain(`task_wait {"id":"${run.id}"}`);
    const status = await other.ok<Status>('task_status', { id: run.id });
    expect(status).toMatchObject({ state: 'running', ended: false, tail: 'begun\n' });
    await run.go();
    const end = (await ended(other, run.id)) as unknown as Status;
    expect(end).toMatchObject({ state: 'succeeded', steps: [{ state: 'succeeded', exitCode: 0 }] });
    expect(end.output?.rows[0]?.stdout).toBe('begun\ndone\n');
  });

  test('its output is read by offset in another process while it goes on', async ({ expect }) => {
    const run = await held('offset', 'echo one', 'echo two; exit 3');
    const first = await other.ok<Output>('task_output', { id: run.id, stream: 'stdout' });
    expect(first).toMatchObject({ text: 'one\n', nextOffset: 4, complete: false });
    const nothing = await other.ok<Output>('task_output', { id: run.id, stream: 'stdout', offset: 4 });
    expect(nothing).toMatchObject({ text: '', nextOffset: 4, complete: false });
    await run.go();
    await ended(other, run.id);
    const rest = await other.ok<Output>('task_output', { id: run.id, stream: 'stdout', offset: 4 });
    expect(rest).toMatchObject({ text: 'two\n', nextOffset: 8, complete: true });
    const some = await other.ok<Output>('task_output', { id: run.id, stream: 'stdout', offset: 1, limit: 4 });
    expect(some.text).toBe('ne\nt');
    const found = await other.ok<{ matches: { line: string }[] }>('task_output', {
      id: run.id,
      search: 'TWO',
    });
    expect(found.matches).toMatchObject([{ line: 'two' }]);
    expect((await other.ok<Status>('task_status', { id: run.id })).steps[0]?.exitCode).toBe(3);
  });

  test('task_wait shows that it is alive, and its end', async ({ expect }) => {
    const cmd = 'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $n"; sleep 0.3; done';
    const run = handleOf(await exec(cmd));
    const messages: string[] = [];
    const answer = await other.call(
      'task_wait',
      { id: run.id, seconds: 30 },
      { onprogress: ({ message }) => messages.push(message ?? '') },
    );
    expect(answer.structuredContent).toMatchObject({ ended: true, state: 'succeeded' });
    expect(messages.length).toBeGreaterThanOrEqual(2);
    for (const message of messages) expect(message).toMatch(/^line \d+$/);
  });

  test('the waiting call itself reports progress', async ({ expect }) => {
    const patient = await startHub(fleet.home, { MCP_SYNC_TIMEOUT_S: '30' });
    try {
      const gate = join(fleet.sshd.home, 'gate-progress');
      const messages: string[] = [];
      const answer = await patient.call(
        'task_exec',
        { alias: 'web1', cmd: `echo begun; until [ -e '${gate}' ]; do sleep 0.05; done` },
        {
          onprogress: ({ message }) => {
            messages.push(message ?? '');
            writeFileSync(gate, '');
          },
        },
      );
      expect(messages).toContain('begun');
      expect(rowOf(answer).stdout).toBe('begun\n');
    } finally {
      await patient.kill();
    }
  });

  test('task_cancel from another process ends all that it started on the host', async ({ expect }) => {
    const mark = `73001.${process.pid}`;
    const run = handleOf(await exec(`sh -c 'sleep ${mark} & sleep ${mark}' & sleep ${mark}`));
    await waitFor(() => runningWith(mark) >= 3);
    const answer = await other.call('task_cancel', { id: run.id });
    const end = (await ended(other, run.id)) as unknown as Status;
    expect(end.state).toBe('cancelled');
    expect(textOf(answer)).toContain(run.id);
    await waitFor(() => runningWith(mark) === 0, { what: 'the cancelled processes to end' });
    expect(failureOf(await other.call('task_cancel', { id: run.id }), 'CONFLICT').message).toContain('ended');
  });

  test('a client that stops waiting does not stop the run', async ({ expect }) => {
    const gate = join(fleet.sshd.home, 'gate-client');
    const stop = new AbortController();
    const cmd = `echo 'a client left'; until [ -e '${gate}' ]; do sleep 0.05; done; echo done`;
    const call = other
      .call('task_exec', { alias: 'web1', cmd }, { signal: stop.signal })
      .catch((error: unknown) => error);
    const { id } = await waitFor(async () => {
      const { rows } = await other.ok<{ rows: { id: string; summary: string }[] }>('task_queue');
      return rows.find(({ summary }) => summary.includes('a client left'));
    });
    stop.abort();
    expect(await call).toBeInstanceOf(Error);
    expect((await other.ok<Status>('task_status', { id })).state).toBe('running');
    await rowOf2(`touch '${gate}'`);
    const end = (await ended(other, id)) as unknown as Status;
    expect(end.output?.rows[0]?.stdout).toBe('a client left\ndone\n');
  });
});

describe.concurrent('the same call again', () => {
  const countedIn = (name: string): number => readFileSync(join(fleet.sshd.home, name), 'utf8').length / 2;

  test('while it is under way, is the same run, with a hint', async ({ expect }) => {
    const count = join(fleet.sshd.home, 'count-1');
    const run = await held('twice', `echo x >> '${count}'`);
    const again = await exec(run.cmd);
    expect(handleOf(again).id).toBe(run.id);
    expect(textOf(again)).toMatch(/identical call/i);
    await run.go();
    await ended(other, run.id);
    expect(countedIn('count-1')).toBe(1);
    const fresh = handleOfOrRow(await exec(run.cmd));
    expect(fresh).not.toBe(run.id);
    await ended(other, fresh);
    expect(countedIn('count-1')).toBe(2);
  });

  test('with the same idempotencyKey is the same run, also after its end and in another process', async ({
    expect,
  }) => {
    const cmd = `echo x >> '${join(fleet.sshd.home, 'count-2')}'`;
    const first = rowOf(await exec(cmd, { idempotencyKey: 'key-1' }));
    const second = rowOf(await other.call('task_exec', { alias: 'web1', cmd, idempotencyKey: 'key-1' }));
    expect(second.runId).toBe(first.runId);
    expect(countedIn('count-2')).toBe(1);
    await exec(cmd, { idempotencyKey: 'key-2' });
    expect(countedIn('count-2')).toBe(2);
    const clash = await exec(`${cmd}; true`, { idempotencyKey: 'key-1' });
    expect(['CONFLICT', 'INVALID_INPUT']).toContain(clash.structuredContent?.['code']);
  });
});

const handleOfOrRow = (answer: Parameters<typeof rowOf>[0]): string =>
  (answer.structuredContent?.['run'] as { id: string } | undefined)?.id ?? rowOf(answer).runId;

describe.concurrent('ended runs', () => {
  test('task_retry runs it again and says of which run it is the repetition', async ({ expect }) => {
    const first = rowOf(await exec("echo 'to be repeated'; exit 9"));
    const answer = await other.call('task_retry', { id: first.runId });
    const again = answer.structuredContent as unknown as Status & { retryOf: string };
    expect(again).toMatchObject({ ended: true, state: 'failed', retryOf: first.runId });
    expect(again.id).not.toBe(first.runId);
    expect(again.steps[0]?.exitCode).toBe(9);
    const open = await held('retry');
    failureOf(await other.call('task_retry', { id: open.id }), 'CONFLICT');
    await open.go();
  });

  test('task_history finds them by word, tool, state and page', async ({ expect }) => {
    const ids: string[] = [];
    for (const code of [0, 4, 0]) ids.unshift(rowOf(await exec(`: needle-${code}; exit ${code}`)).runId);
    const history = async (more: Record<string, unknown>) =>
      other.ok<{ rows: { id: string }[]; total: number; nextOffset?: number }>('task_history', {
        text: 'NEEDLE',
        ...more,
      });
    expect((await history({})).rows.map(({ id }) => id)).toEqual(ids);
    expect((await history({ state: 'failed' })).rows.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await history({ state: 'completed' })).total).toBe(2);
    expect((await history({ tool: 'script_run' })).total).toBe(0);
    const page = await history({ limit: 2 });
    expect(page).toMatchObject({ total: 3, nextOffset: 2 });
    expect((await history({ limit: 2, offset: 2 })).rows.map(({ id }) => id)).toEqual([ids[2]]);
  });

  test('a failure is as readable afterwards as in the answer', async ({ expect }) => {
    const answer = await exec('echo half; sleep 30', { timeout: 1 });
    const data = answer.structuredContent as { run?: { id: string }; details?: { runId: string } };
    const id = data.run?.id ?? data.details?.runId ?? '';
    const status = await ended(other, id);
    expect(status).toMatchObject({ state: 'timed_out', code: 'COMMAND_TIMEOUT', tail: 'half\n' });
  });
});

test('task_queue and queue_stats of another process see open runs', async () => {
  const run = await held('queue');
  const { rows } = await other.ok<{ rows: { id: string; state: string; tool: string; hosts: string[] }[] }>(
    'task_queue',
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ id: run.id, state: 'running', tool: 'task_exec', hosts: ['web1'] }),
  );
  const stats = await other.ok<{ byStatus: Record<string, number>; driver: { processes: number } }>(
    'queue_stats',
  );
  expect(stats.byStatus['running']).toBeGreaterThanOrEqual(1);
  expect(stats.driver.processes).toBe(2);
  expect(textOf(await other.call('task_queue', { status: 'running' }))).toContain(run.id);
  await run.go();
  await ended(other, run.id);
});

test.for<[string, Record<string, unknown>]>([
  ['task_status', {}],
  ['task_wait', {}],
  ['task_output', {}],
  ['task_cancel', {}],
  ['task_retry', {}],
  ['task_answer', { answer: 'y' }],
])('%s of a run that never was: NOT_FOUND; of no id at all: INVALID_INPUT', async ([name, more]) => {
  const id = 'run_01JZZZZZZZZZZZZZZZZZZZZZZZ';
  expect(failureOf(await other.call(name, { id, ...more }), 'NOT_FOUND').message).toContain(id);
  for (const wrong of ['', '../etc', 'x\n', 'x'.repeat(1_000_000), 7])
    failureOf(await other.call(name, { id: wrong, ...more }), 'INVALID_INPUT');
});

describe('the command line sees the same', () => {
  const cli = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      execFile(
        node,
        [...sourceArguments, hubMain, ...args],
        { env: { ...fleet.home.env, NO_COLOR: '1' } },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });

  test('task show, list, output and cancel', async () => {
    const run = await held('cli');
    const shown = await cli('task', 'show', run.id, '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: run.id, state: 'running', tail: 'begun\n' });
    expect((await cli('task', 'list')).stdout).toContain(run.id);
    expect(await cli('task', 'output', run.id)).toMatchObject({ stdout: 'begun\n' });
    const cancelled = await cli('task', 'cancel', run.id);
    expect(cancelled.stdout + cancelled.stderr).toContain('cancelled');
    expect(((await ended(other, run.id)) as unknown as Status).state).toBe('cancelled');
    expect((await cli('task', 'show', 'run_01JZZZZZZZZZZZZZZZZZZZZZZZ')).code).toBe(4);
  });
});
