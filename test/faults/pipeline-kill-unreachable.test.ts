import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProxy, startSshd, type TestProxy, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { addHost, startHub, type TestHome, type TestHub, testHome } from '../support/hub.ts';
import { queueEnv } from '../support/queue.ts';
import { runningWith } from '../support/remote-processes.ts';

let sshd: TestSshd;
let proxy: TestProxy;
let home: TestHome;

beforeAll(async () => {
  sshd = await startSshd();
  proxy = await startProxy({ host: sshd.host, port: sshd.port });
  home = testHome(queueEnv);
  const hub = await startHub(home);
  await addHost(hub, home, { ...sshd, host: proxy.host, port: proxy.port });
  await hub.close();
});
beforeEach(() => proxy?.refuse(false));
afterAll(async () => {
  await proxy?.stop();
  await sshd?.stop();
  home?.remove();
});

const marks = (name: string): string[] => {
  const path = join(sshd.home, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

interface Status {
  state: string;
  ended: boolean;
  waitingFor?: string;
  steps: { key: string; state: string; note?: string }[];
  output?: { summary: string; steps: { key: string; state: string }[]; remoteMayStillRun?: string[] };
}

const exec = (cmd: string) => ({ tool: 'task_exec', with: { alias: 'web1', cmd } });

const end = (hub: TestHub, id: string): Promise<Status> =>
  waitFor(
    async () => {
      const status = await hub.ok<Status>('task_status', { id });
      return status.ended ? status : undefined;
    },
    { timeoutMs: 60_000, what: `the end of ${id}` },
  );

/** A pipeline with locks, cut off from the host in the middle of its first step, and cancelled then. */
async function cancelledWhileAway(
  hub: TestHub,
  name: string,
  seconds: string,
): Promise<{ id: string; child: string; status: Status }> {
  const definition = {
    name,
    locks: [`lock-${name}`],
    steps: [
      {
        key: 'one',
        lock: `step-${name}`,
        ...exec(`echo one >> ~/${name}; sleep ${seconds}; echo late >> ~/${name}`),
      },
      { key: 'two', needs: ['one'], ...exec(`echo two >> ~/${name}`) },
    ],
  };
  const { run } = await hub.ok<{ run: { id: string } }>('pipeline_run', { definition });
  await waitFor(() => marks(name).length === 1, { what: 'the command' });
  const child = await waitFor(
    async () =>
      (await hub.ok<{ rows: { tool: string; id: string }[] }>('task_queue')).rows.find(
        ({ tool }) => tool === 'task_exec',
      )?.id,
    { what: 'the run of the step' },
  );
  proxy.refuse(true);
  proxy.cut();
  await hub.call('task_cancel', { id: run.id });
  return { id: run.id, child, status: await end(hub, run.id) };
}

/** The pipeline and the run of its step are cancelled, both say that the command may still run, and it does. */
async function saysSo(hub: TestHub, cut: Awaited<ReturnType<typeof cancelledWhileAway>>, seconds: string) {
  expect(cut.status.output).toMatchObject({
    state: 'cancelled',
    summary: expect.stringMatching(new RegExp(`${cut.child} may still run on web1`)),
    remoteMayStillRun: [cut.child],
    steps: [
      { key: 'one', state: 'cancelled' },
      { key: 'two', state: 'not_started' },
    ],
  });
  expect(await hub.ok<Status>('task_status', { id: cut.child })).toMatchObject({
    state: 'cancelled',
    waitingFor: 'remoteMayStillRun: web1',
    steps: [{ state: 'cancelled', note: 'remoteMayStillRun' }],
  });
  expect(runningWith(seconds)).toBe(1);
}

/** The host has confirmed the stop: nothing of the pipeline is left on it, and nothing came of it later. */
async function isConfirmed(hub: TestHub, name: string, child: string, seconds: string): Promise<void> {
  await waitFor(
    async () => {
      const { steps } = await hub.ok<Status>('task_status', { id: child });
      return steps[0]?.note === 'confirmed later: stopped' ? true : undefined;
    },
    { timeoutMs: 90_000, intervalMs: 200, what: 'the host to confirm the stop' },
  );
  expect(runningWith(seconds)).toBe(0);
  expect(await hub.ok<Status>('task_status', { id: child })).toMatchObject({ state: 'cancelled' });
  expect(marks(name)).toEqual(['one']);
}

test('a cancel that its host cannot hear: the run says so, its locks stay, and it is carried out when the host is back', async () => {
  const [name, seconds] = ['away', `300.1${process.pid}`];
  const hub = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  onTestFinished(() => hub.close());
  const cut = await cancelledWhileAway(hub, name, seconds);
  await saysSo(hub, cut, seconds);

  const locks = [`lock-${name}`];
  const begin = async (definition: object): Promise<string> =>
    (await hub.ok<{ run: { id: string } }>('pipeline_run', { definition })).run.id;
  const refused = await begin({
    ...{ name: 'refused', locks, onLocked: 'fail' },
    steps: [{ key: 'a', tool: 'server_list' }],
  });
  expect(await end(hub, refused)).toMatchObject({ code: 'CONFLICT', details: { holder: cut.id } });
  const next = await begin({
    name: 'next',
    steps: [{ key: 'a', lock: `step-${name}`, ...exec(`! pgrep -xf 'sleep ${seconds}'`) }],
  });

  proxy.refuse(false);
  await isConfirmed(hub, name, cut.child, seconds);
  expect(await end(hub, next)).toMatchObject({ state: 'succeeded' });
});

test('the hub is killed meanwhile: the next one carries it out', async () => {
  const [name, seconds] = ['killed', `300.2${process.pid}`];
  const first = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
  const cut = await cancelledWhileAway(first, name, seconds);
  await saysSo(first, cut, seconds);
  await first.kill();
  proxy.refuse(false);
  const second = await startHub(home);
  onTestFinished(() => second.close());
  await isConfirmed(second, name, cut.child, seconds);
  expect(await second.ok<Status>('task_status', { id: cut.id })).toMatchObject({ state: 'cancelled' });
});
