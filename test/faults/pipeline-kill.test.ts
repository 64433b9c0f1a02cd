import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createRuntime, openProcess } from '@flotilla/runtime';
import { loopbackHosts, startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addHost, startHub, type TestHome, type TestHub, testHome } from '../support/hub.ts';
import { queueEnv } from '../support/queue.ts';
import { runningWith } from '../support/remote-processes.ts';
import { atMoment } from '../support/schedules.ts';

const HOSTS = ['web1', 'web2', 'web3'];
const OPEN = ['scheduled', 'queued', 'running', 'waiting', 'cancelling', 'compensating'];

let sshd: TestSshd;
let home: TestHome;
let receiver: Server;
/** Calls of the tool that must not run twice, and whether they are answered at once. */
let received = 0;
let hold = false;

beforeAll(async () => {
  const listen = loopbackHosts(3);
  sshd = await startSshd({ listen });
  home = testHome(queueEnv);
  const dataDir = join(home.path, '.config', 'flotilla');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const servers = { monitoring: { hubMayReach: ['127.0.0.1'] } };
  writeFileSync(join(dataDir, 'config.json'), JSON.stringify({ servers }), { mode: 0o600 });
  receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      received += 1;
      if (!hold) response.end('{}');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const hub = await startHub(home);
  for (const [index, host] of listen.entries()) await addHost(hub, home, { ...sshd, host }, HOSTS[index]);
  await hub.ok('notifier_add', { name: 'receiver', url: `json://127.0.0.1:${port}/in` });
  await hub.close();
});

afterAll(async () => {
  receiver?.close();
  receiver?.closeAllConnections();
  await sshd?.stop();
  home?.remove();
});

const marks = (name: string): string[] => {
  const path = join(sshd.home, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};
const mark = (name: string, word: string, rest = 'sleep 0.05') => `echo ${word} >> ~/${name}; ${rest}`;
const step = (key: string, alias: string, cmd: string, more: object = {}) => ({
  key,
  tool: 'task_exec',
  with: { alias, cmd },
  ...more,
});
const undo = (alias: string, cmd: string) => ({ undo: { tool: 'task_exec', with: { alias, cmd } } });

interface Status {
  state: string;
  output?: { state: string; undone: boolean; steps: { key: string; state: string; undo?: string }[] };
}

async function begin(hub: TestHub, definition: object, idempotencyKey: string): Promise<string> {
  const { run } = await hub.ok<{ run: { id: string } }>('pipeline_run', { definition, idempotencyKey });
  return run.id;
}

const end = (hub: TestHub, id: string): Promise<Status> =>
  waitFor(
    async () => {
      const status = await hub.ok<Status>('task_status', { id });
      return OPEN.includes(status.state) ? undefined : status;
    },
    { timeoutMs: 90_000, what: `the end of ${id}` },
  );

/** Kills the hub when so many lines are there, and lets another one take the run up. */
async function killedAfter(name: string, definition: object, lines: number): Promise<Status> {
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  const id = await begin(first, definition, name);
  await waitFor(() => marks(name).length >= lines, {
    intervalMs: 1,
    timeoutMs: 60_000,
    what: `line ${lines}`,
  });
  await first.kill();
  const second = await startHub(home);
  try {
    // The acknowledged run is this one, whoever asks again.
    const again = await second.call('pipeline_run', { definition, idempotencyKey: name });
    const { run } = again.structuredContent as { run?: { id: string } };
    expect(run?.id ?? id).toBe(id);
    return await end(second, id);
  } finally {
    await second.close();
  }
}

const WORDS = ['one', 'two', 'three', 'four', 'five'];

test.each([1, 2, 3, 4, 5])(
  'kill -9 when step %s has had its effect: every command runs once, in order',
  async (at) => {
    const name = `order-${at}`;
    const status = await killedAfter(
      name,
      {
        name: 'order',
        steps: WORDS.map((word, index) =>
          step(word, HOSTS[index % 3] as string, mark(name, word), {
            needs: WORDS.slice(0, index).slice(-1),
          }),
        ),
      },
      at,
    );
    expect(status).toMatchObject({ state: 'succeeded', output: { state: 'succeeded' } });
    expect(marks(name)).toEqual(WORDS);
  },
);

test.each([1, 2, 3, 4, 5])(
  'kill -9 after line %s of a run that takes back: all of it is undone, once',
  async (at) => {
    const name = `undo-${at}`;
    const status = await killedAfter(
      name,
      {
        name: 'undo',
        steps: [
          step('one', 'web1', mark(name, 'one'), undo('web1', mark(name, 'back-one'))),
          step('two', 'web2', mark(name, 'two'), { needs: ['one'], ...undo('web2', mark(name, 'back-two')) }),
          step('three', 'web3', mark(name, 'three', 'exit 3'), { needs: ['two'] }),
        ],
      },
      at,
    );
    expect(marks(name)).toEqual(['one', 'two', 'three', 'back-two', 'back-one']);
    expect(status).toMatchObject({
      state: 'failed',
      output: {
        undone: true,
        steps: [
          { key: 'one', undo: 'undone' },
          { key: 'two', undo: 'undone' },
          { key: 'three', state: 'failed' },
        ],
      },
    });
  },
);

test.each([1, 4, 7])(
  'kill -9 after %s of 8 items in batches: each once, and none after the rule to stop',
  async (at) => {
    const name = `items-${at}`;
    const status = await killedAfter(
      name,
      {
        name: 'items',
        onFailure: 'stop',
        steps: [
          {
            key: 'each',
            tool: 'task_exec',
            with: {
              alias: 'web1',
              cmd: `echo \${{ each.value }} >> ~/${name}; sleep 0.1; test \${{ each.value }} != 5`,
            },
            forEach: { items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], maxParallel: 2, stopAfterFailures: 1 },
          },
        ],
      },
      Math.min(at, 6),
    );
    expect(marks(name).toSorted()).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(status).toMatchObject({ state: 'failed', output: { steps: [{ state: 'failed' }] } });
  },
);

test('a command that ended while no hub with pipelines lived is found again, not run again', async () => {
  const name = 'found';
  const definition = {
    name: 'found',
    steps: [
      step('one', 'web1', mark(name, 'one', 'until [ -e ~/let-go ]; do sleep 0.05; done; echo said')),
      step('two', 'web2', mark(name, `\${{ steps.one.output.rows[0].stdout.trim() }}`), { needs: ['one'] }),
    ],
  };
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  const id = await begin(first, definition, name);
  await waitFor(() => marks(name).length === 1, { what: 'the command' });
  const open = async (hub: TestHub) =>
    (await hub.ok<{ rows: { tool: string; id: string }[] }>('task_queue')).rows.filter(
      ({ tool }) => tool === 'task_exec',
    );
  const [child] = await open(first);
  await first.kill();
  // This one has commands, but no pipelines.
  const config = join(home.path, 'commands.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { 'ssh-exec': {} } }), { mode: 0o600 });
  const second = await startHub(home, { FLOTILLA_CONFIG: config });
  writeFileSync(join(sshd.home, 'let-go'), '');
  expect((await end(second, child?.id ?? '')).state).toBe('succeeded');
  await second.close();
  const third = await startHub(home);
  expect(await end(third, id)).toMatchObject({ state: 'succeeded' });
  expect(marks(name)).toEqual(['one', 'said']);
  await third.close();
});

test('a cancel survives kill -9: the command of the step ends, too', async () => {
  const [name, seconds] = ['cancelled', `300.${process.pid}`];
  const definition = {
    name: 'cancelled',
    steps: [
      step('one', 'web1', mark(name, 'one', `sleep ${seconds}; echo late >> ~/cancelled`)),
      step('two', 'web2', mark(name, 'two'), { needs: ['one'] }),
    ],
  };
  const atCancel = atMoment('SET cancel = \\?', 'committed');
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0', ...atCancel });
  const id = await begin(first, definition, name);
  await waitFor(() => marks(name).length === 1, { what: 'the command' });
  const child = await waitFor(
    async () =>
      (await first.ok<{ rows: { tool: string; id: string }[] }>('task_queue')).rows.find(
        ({ tool }) => tool === 'task_exec',
      )?.id,
    { what: 'the run of the step' },
  );
  await expect(first.call('task_cancel', { id })).rejects.toThrow();
  const second = await startHub(home);
  expect((await end(second, id)).state).toBe('cancelled');
  expect((await end(second, child)).state).toBe('cancelled');
  expect(runningWith(seconds)).toBe(0);
  expect(marks(name)).toEqual(['one']);
  await second.close();
});

test('kill -9 in the middle of a call that must not run twice: interrupted, nothing later, a person decides', async () => {
  const name = 'once';
  const definition = {
    name: 'once',
    locks: ['once'],
    steps: [
      step('before', 'web1', mark(name, 'before')),
      { key: 'notify', needs: ['before'], tool: 'notifier_test', with: { name: 'receiver' } },
      step('after', 'web1', mark(name, 'after'), { needs: ['notify'] }),
    ],
  };
  hold = true;
  const calls = received;
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  const id = await begin(first, definition, name);
  await waitFor(() => received > calls, { timeoutMs: 30_000, what: 'the call' });
  await first.kill();
  hold = false;
  const second = await startHub(home);
  expect((await end(second, id)).state).toBe('interrupted');
  expect(received - calls).toBe(1);
  expect(marks(name)).toEqual(['before']);
  const refused = await second.call('task_retry', { id });
  expect(refused.structuredContent).toMatchObject({ code: 'CONFLICT' });
  // The run has its lock until a person says what became of it.
  const locked = { name: 'locked', locks: ['once'], onLocked: 'fail', steps: [step('a', 'web1', 'true')] };
  const other = await second.call('pipeline_run', { definition: locked });
  expect(other.structuredContent).toMatchObject({ code: 'CONFLICT', details: { holder: id } });
  // By a process that has no pipelines: a command line could take the run up itself, and end in the middle of the call.
  const resolver = await createRuntime({ ...(await openProcess(home.env)), servers: [] });
  const { engine } = resolver.services;
  await engine.resolve(id, 'retry', 'nothing came', { id: 'cli:0', kind: 'cli' });
  await resolver.close();
  expect(await end(second, id)).toMatchObject({ state: 'succeeded' });
  expect(received - calls).toBe(2);
  expect(marks(name)).toEqual(['before', 'after']);
  expect((await second.call('pipeline_run', { definition: locked })).isError).not.toBe(true);
  await second.close();
});

test('kill -9 in the middle of what only reads: it is done again, and the run goes on', async () => {
  const name = 'read';
  const fifo = join(sshd.home, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const definition = {
    name: 'read',
    steps: [
      // Reads for as long as nobody writes.
      { key: 'look', tool: 'tail_file', with: { alias: 'web1', filepath: fifo, lines: 5 } },
      step('after', 'web1', mark(name, 'after'), { needs: ['look'] }),
    ],
  };
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  const id = await begin(first, definition, name);
  const steps = async () =>
    (await first.ok<{ steps: { key: string; state: string }[] }>('task_status', { id })).steps;
  await waitFor(
    async () => (await steps()).some(({ key, state }) => key === 'look.0.1' && state === 'running'),
    {
      what: 'the read',
    },
  );
  await first.kill();
  execFileSync('rm', [fifo]);
  writeFileSync(fifo, 'a line\n');
  const second = await startHub(home);
  expect(await end(second, id)).toMatchObject({ state: 'succeeded' });
  expect(marks(name)).toEqual(['after']);
  await second.close();
});
