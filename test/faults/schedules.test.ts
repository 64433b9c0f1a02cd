import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  addHost,
  node,
  serverMain,
  sourceArguments,
  startHub,
  type TestHome,
  type TestHub,
  testHome,
} from '../support/hub.ts';
import { queueEnv } from '../support/queue.ts';
import { atMoment, firerPid, firingOf, firingsOf, lines, soon } from '../support/schedules.ts';

let sshd: TestSshd;
let home: TestHome;

beforeAll(async () => {
  sshd = await startSshd();
  home = testHome(queueEnv);
  const hub = await startHub(home);
  await addHost(hub, home, sshd);
  await hub.close();
});

afterAll(async () => {
  await sshd?.stop();
  home?.remove();
});

const file = (name: string): string => join(home.path, name);
const append = (name: string) => ({
  tool: 'task_exec',
  args: { alias: 'web1', cmd: `echo x >> '${file(name)}'` },
});
const runsOf = async (hub: TestHub, text: string): Promise<number> =>
  (await hub.ok<{ rows: unknown[] }>('task_history', { text })).rows.length;
const ended = async (pid: number): Promise<void> => {
  await waitFor(
    () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    },
    { timeoutMs: 30_000, what: 'the end of the hub' },
  );
};

describe('kill -9 of the firing hub', () => {
  const FIRING = 'INSERT INTO schedule_firing';
  const RUN = 'INSERT INTO job_run';
  const RECORD = "SET state = 'running', run_id";
  const END = 'SET state = \\?, open = 0';
  test.each([
    ['before the row of the firing', FIRING, 'before'],
    ['between the row and the run', FIRING, 'committed'],
    ['as the run is about to be stored', RUN, 'before'],
    ['between the run and its record', RUN, 'committed'],
    ['as it is about to be recorded', RECORD, 'before'],
    ['between the record and the end', RECORD, 'committed'],
    ['as the end is about to be recorded', END, 'before'],
  ] as const)('%s: it fires once', async (_what, moment, when) => {
    const name = `k${`${moment} ${when}`.replace(/\W+/g, '-')}`;
    const first = await startHub(home, atMoment(moment, when));
    await firerPid(first);
    await first.ok('schedule_add', { name, at: soon(1_500), ...append(name) });
    await ended(first.pid);
    const second = await startHub(home);
    expect(await firingOf(second, name, 'succeeded')).toMatchObject({
      runId: expect.stringMatching(/^run_/),
    });
    expect(lines(file(name))).toBe(1);
    expect(await runsOf(second, name)).toBe(1);
    await second.close();
  });

  test('in the middle of a call that is no run: one that looks is made again, of any other it is said', async () => {
    for (const [name, tool, args] of [
      ['looks', 'server_list', {}],
      ['changes', 'server_group_set', { name: 'made', aliases: ['web1'] }],
    ] as const) {
      const first = await startHub(home, atMoment(FIRING, 'committed'));
      await firerPid(first);
      await first.ok('schedule_add', { name, at: soon(1_500), tool, args });
      await ended(first.pid);
    }
    const second = await startHub(home);
    expect(await firingOf(second, 'looks', 'succeeded')).toMatchObject({
      output: expect.stringContaining('web1'),
    });
    expect(await firingOf(second, 'changes', 'interrupted')).toMatchObject({
      reason: expect.stringContaining('not known'),
    });
    expect(JSON.stringify(await second.ok('server_group_list'))).not.toContain('made');
    await second.close();
  });
});

test('a hub that is frozen between the row and the run, and wakes up when another one has fired: once', async () => {
  const first = await startHub(home, atMoment('INSERT INTO schedule_firing', 'committed', 'SIGSTOP'));
  onTestFinished(() => first.kill());
  await firerPid(first);
  const second = await startHub(home);
  await first.ok('schedule_add', { name: 'frozen', at: soon(2_000), ...append('frozen') });
  await firingOf(second, 'frozen', 'succeeded');
  process.kill(first.pid, 'SIGCONT');
  // Its answers come after what it did when it woke up.
  const { firer } = await first.ok<{ firer: { pid: number } }>('schedule_list');
  expect(firer.pid).toBe(second.pid);
  await first.ok('schedule_add', { name: 'awake', at: soon(1_000), ...append('awake') });
  await firingOf(first, 'awake', 'succeeded');
  expect(await firingsOf(first, 'frozen')).toMatchObject([{ state: 'succeeded' }]);
  expect(await runsOf(second, 'frozen')).toBe(1);
  expect(lines(file('frozen'))).toBe(1);
  await second.close();
});

test('three hubs, the firing one killed again and again: each fire time once', async () => {
  let hubs = await Promise.all([1, 2, 3].map(() => startHub(home)));
  onTestFinished(async () => {
    await Promise.all(hubs.map((hub) => hub.close()));
  });
  const names = Array.from({ length: 24 }, (_, index) => `three${index}`);
  const [one] = hubs as [TestHub];
  await Promise.all(
    names.map((name, index) =>
      one.ok('schedule_add', { name, at: soon(3_000 + index * 400), ...append(name) }),
    ),
  );
  for (let round = 0; round < 2; round += 1) {
    const [first] = hubs as [TestHub];
    await waitFor(async () => (await firingsOf(first, names[2 + round * 8] as string)).length > 0, {
      timeoutMs: 60_000,
      what: 'some to have fired',
    });
    const pid = await firerPid(first, (found) => hubs.some((hub) => hub.pid === found));
    await hubs.find((hub) => hub.pid === pid)?.kill();
    hubs = hubs.filter((hub) => hub.pid !== pid);
  }
  const [last] = hubs as [TestHub];
  for (const name of names) {
    await firingOf(last, name, 'succeeded');
    expect(lines(file(name)), name).toBe(1);
  }
});

test('replace reaches the run of a server in another process, whose answer the hub still waits for', async () => {
  const own = testHome(queueEnv);
  onTestFinished(() => own.remove());
  const folder = join(own.path, '.config', 'flotilla');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const child = { command: node, args: [...sourceArguments, serverMain('ssh-exec')] };
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ mcpServers: { schedules: {}, 'ssh-exec': child } }),
    { mode: 0o600 },
  );
  const hub = await startHub(own);
  onTestFinished(() => hub.close());
  await addHost(hub, own, sshd);
  const [marks, gate] = [join(own.path, 'marks'), join(own.path, 'gate')];
  const cmd = `echo x >> '${marks}'; trap 'echo ended >> ${marks}; exit 1' TERM; while [ ! -e '${gate}' ]; do sleep 0.1; done`;
  await hub.ok('schedule_add', {
    ...{ name: 'replace', every: '10s', overlap: 'replace' },
    ...{ tool: 'task_exec', args: { alias: 'web1', cmd } },
  });
  await waitFor(() => lines(marks) >= 3, { timeoutMs: 90_000, what: 'the second one' });
  await hub.ok('schedule_add', { name: 'replace', enabled: false });
  writeFileSync(gate, '');
  expect(readFileSync(marks, 'utf8')).toBe('x\nended\nx\n');
  const states = async (): Promise<string[]> => (await firingsOf(hub, 'replace')).map(({ state }) => state);
  await waitFor(async () => (await states())[0] === 'succeeded', { timeoutMs: 30_000, what: 'its end' });
  // Those that came while the hub still waited for the first answer gave way to the last one.
  expect((await states()).filter((state) => state !== 'skipped')).toEqual(['succeeded', 'cancelled']);
});
