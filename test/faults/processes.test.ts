import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handleOf } from '../support/fleet.ts';
import {
  addHost,
  hubMain,
  node,
  sourceArguments,
  startHub,
  type TestHome,
  type TestHub,
  testHome,
} from '../support/hub.ts';

const OPEN = ['scheduled', 'queued', 'running', 'waiting', 'cancelling'];

let sshd: TestSshd;
let home: TestHome;
let hubs: TestHub[];

beforeAll(async () => {
  sshd = await startSshd();
  home = testHome({ MCP_SYNC_TIMEOUT_S: '0' });
  hubs = await Promise.all([startHub(home), startHub(home), startHub(home)]);
  await addHost(hubs[0] as TestHub, home, sshd);
});

afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.close()));
  await sshd?.stop();
  home?.remove();
});

/** The command line, the fourth process. */
const flotilla = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(node, [...sourceArguments, hubMain, ...args], { env: home.env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stderr}${stdout}`));
      else resolve(stdout);
    });
  });

test('40 hosts added by four processes at the same time are all kept', async () => {
  const add = (index: number): Promise<unknown> => {
    const args = { alias: `new${index}`, host: '127.0.0.1', port: 9, user: 'nobody', verify: false };
    if (index % 4 === 3) return flotilla('call', 'server_add', JSON.stringify(args));
    return (hubs[index % 4] as TestHub).ok('server_add', args);
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => add(index)));
  const rows = JSON.parse(await flotilla('host', 'list', '--json')) as { alias: string }[];
  const aliases = rows.map(({ alias }) => alias).filter((alias) => alias.startsWith('new'));
  expect(new Set(aliases).size).toBe(40);
}, 120_000);

test('a process killed at random: its runs are adopted, none is lost, none runs twice', async () => {
  const marks = join(home.path, 'marks');
  mkdirSync(marks);
  const handles = new Map<string, string>();
  const submit = async (index: number): Promise<void> => {
    const mark = join(marks, String(index));
    const hub = hubs[index % hubs.length] as TestHub;
    const answer = await hub.call('task_exec', {
      alias: 'web1',
      cmd: `echo x >> '${mark}'; sleep 1.${index % 10}; echo done-${index}; exit 7`,
    });
    const run = answer.structuredContent?.['run'] as { id: string } | undefined;
    const rows = answer.structuredContent?.['rows'] as { runId: string }[] | undefined;
    const id = run?.id ?? rows?.[0]?.runId;
    if (id) handles.set(mark, id);
  };
  const submitted = Promise.allSettled(Array.from({ length: 45 }, (_, index) => submit(index)));
  await waitFor(() => handles.size > 10, { what: 'the first acknowledgements', timeoutMs: 30_000 });
  const [victim] = hubs.splice(Math.floor(Math.random() * hubs.length), 1);
  await victim?.kill();
  await submitted;
  const [survivor] = hubs as [TestHub];
  expect(handles.size).toBeGreaterThan(25);
  for (const [mark, id] of handles) {
    const status = await waitFor(
      async () => {
        const found = await survivor.ok<{ state: string; steps: { exitCode?: number }[] }>('task_status', {
          id,
        });
        return OPEN.includes(found.state) ? undefined : found;
      },
      { timeoutMs: 60_000, intervalMs: 50, what: `the end of ${id}` },
    );
    expect(status.state, id).toBe('failed');
    expect(status.steps[0]?.exitCode).toBe(7);
    expect(existsSync(mark) && readFileSync(mark, 'utf8')).toBe('x\n');
    const output = await survivor.ok<{ text: string }>('task_output', { id });
    expect(output.text).toMatch(/^done-\d+\n$/);
  }
}, 180_000);

test('closing stdin ends the process and leaves no orphan, also while a command runs', async () => {
  const hub = await startHub(home);
  const answer = await hub.call('task_exec', { alias: 'web1', cmd: 'sleep 2; echo survived' });
  const { id } = handleOf(answer);
  await hub.close();
  await waitFor(() => !existsSync(`/proc/${hub.pid}`), { what: 'the end of the process' });
  const [survivor] = hubs as [TestHub];
  await waitFor(
    async () => (await survivor.ok<{ text?: string }>('task_output', { id })).text === 'survived\n',
    {
      timeoutMs: 60_000,
      what: 'the output of a run whose process ended',
    },
  );
});
