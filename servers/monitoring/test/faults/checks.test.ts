import { appendFileSync, writeFileSync } from 'node:fs';
import { tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, expect, test } from 'vitest';
import { probeProcess } from '../helpers/probe-process.ts';
import { webServer } from '../helpers/web-server.ts';

const on = probeProcess({ background: true });
const folder = tempDir('flotilla-checks-faults-');
afterAll(() => folder.remove());

interface Listed {
  checks: { status: string; since?: string }[];
  results: { at: string; status: string; vantages: { from: string; status: string; reason?: string }[] }[];
  changes: { status: string }[];
}
const list = () => on.ok<Listed>('check_list', { name: 'watched', limit: 100 });

test('two processes of a data folder run each check once; when one ends the other goes on', async () => {
  const web = await webServer((_, response) => response.end());
  const other = await on.again();
  await other.ok('check_add', {
    name: 'watched',
    kind: 'http',
    target: web.url,
    intervalSeconds: 10,
    retries: 0,
  });
  await waitFor(() => web.requests.length >= 4, { timeoutMs: 60_000, what: 'three runs by themselves' });
  const times = (await list()).results.map(({ at }) => Date.parse(at)).reverse();
  // The first is that of check_add, the second the scheduler's own first; from then on one per interval.
  for (const [at, time] of times.slice(2).entries())
    expect(time - (times[at + 1] ?? 0)).toBeGreaterThan(5000);
  await other.close();
  const seen = web.requests.length;
  await waitFor(() => web.requests.length >= seen + 2, {
    timeoutMs: 60_000,
    what: 'runs after one process ended',
  });
});

test('a target and a host that come and go are told apart', async () => {
  let web = await webServer((_, response) => response.end());
  const { port } = web;
  const target = `127.0.0.1:${port}`;
  await on.ok('check_add', {
    name: 'watched',
    kind: 'tcp',
    target,
    from: ['web1', 'hub'],
    intervalSeconds: 10,
    retries: 0,
    timeoutMs: 3000,
  });
  const state = async () => (await list()).checks[0]?.status;
  const vantage = async () => (await list()).results[0]?.vantages.find(({ from }) => from === 'web1')?.status;
  await waitFor(async () => (await state()) === 'up', { timeoutMs: 30_000, what: 'up' });
  await on.sshds.web1.down();
  on.sshds.web1.killSessions();
  await waitFor(async () => (await vantage()) === 'missing', {
    timeoutMs: 60_000,
    intervalMs: 200,
    what: 'the host to be missed',
  });
  expect(await state()).toBe('up');
  await web.stop();
  await waitFor(async () => (await state()) === 'down', {
    timeoutMs: 60_000,
    intervalMs: 200,
    what: 'down by the hub alone',
  });
  await on.sshds.web1.up();
  await waitFor(async () => (await vantage()) === 'down', {
    timeoutMs: 60_000,
    intervalMs: 200,
    what: 'the host to look again',
  });
  web = await webServer((_, response) => response.end(), undefined, '127.0.0.1', port);
  await waitFor(async () => (await state()) === 'up', {
    timeoutMs: 60_000,
    intervalMs: 200,
    what: 'up again',
  });
  expect((await list()).changes.map(({ status }) => status).slice(-3)).toEqual(['up', 'down', 'up']);
});

test('a follow goes on across a lost connection', async () => {
  const path = `${folder.path}/live.log`;
  writeFileSync(path, 'first\n');
  const calling = on.row<{ lines: string[] }>('tail_file', {
    alias: 'web2',
    filepath: path,
    follow: true,
    followSeconds: 12,
  });
  const run = await waitFor(() => on.runtime.services.engine.list({ tool: 'tail_file' }).runs[0], {
    what: 'the run',
  });
  const said = (): string => on.runtime.services.engine.output(run.id, {}).read?.text ?? '';
  await waitFor(() => said().includes('first'), { what: 'the first line' });
  on.sshds.web2.killSessions();
  appendFileSync(path, 'while the connection was lost\n');
  await waitFor(() => said().includes('lost'), { timeoutMs: 30_000, what: 'the line after the loss' });
  expect((await calling).lines).toEqual(['first', 'while the connection was lost']);
});

test('a frozen host is missing; what it looks at is not down for that', async () => {
  const web = await webServer((_, response) => response.end());
  const add = (args: object) => on.ok<{ first: object }>('check_add', { retries: 0, ...args });
  await add({ name: 'frozen', kind: 'http', target: web.url, from: ['web2'] });
  const pids = on.sshds.web2.sessions();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    const { first } = await add({
      name: 'frozen',
      kind: 'http',
      target: web.url,
      from: ['web2'],
      timeoutMs: 800,
    });
    expect(first).toMatchObject({
      status: 'unknown',
      vantages: [{ from: 'web2', status: 'missing', reason: 'it does not answer itself' }],
    });
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
});

test('checks run by themselves, and a failure is seen', async () => {
  let good = true;
  const target = await webServer((_, response) => response.writeHead(good ? 200 : 503).end());
  await on.ok('check_add', {
    name: 'alone',
    kind: 'http',
    target: target.url,
    intervalSeconds: 10,
    retries: 0,
  });
  const seen = target.requests.length;
  await waitFor(() => target.requests.length > seen, { timeoutMs: 15_000, what: 'a run of the scheduler' });
  good = false;
  await on.ok('check_add', {
    name: 'alone',
    kind: 'http',
    target: target.url,
    intervalSeconds: 10,
    retries: 0,
    notes: 'changed',
  });
  const state = async () =>
    (await on.ok<{ checks: { status: string }[] }>('check_list', { name: 'alone' })).checks[0]?.status;
  await waitFor(async () => (await state()) === 'down', { timeoutMs: 15_000, what: 'the failure' });
}, 40_000);
