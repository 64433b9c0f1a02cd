import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { freePort, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBundle, startFlotilla } from '../cli/support/child.ts';
import { root } from '../cli/support/cli.ts';
import { type Fleet, startFleet } from '../cli/support/fleet.ts';

let fleet: Fleet;
let home: string;
beforeAll(async () => {
  makeBundle();
  fleet = await startFleet();
  ({ home } = fleet.machine);
}, 120_000);
afterAll(() => fleet.stop());

const start = (...argv: string[]) => startFlotilla(argv, { home });
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
const lines = (...messages: object[]): string =>
  messages.map((message) => `${JSON.stringify(message)}\n`).join('');

describe('Ctrl-C', () => {
  test('detaches from a command, which goes on; its output is there later', async () => {
    const child = start('exec', 'web1', '--', 'echo started; sleep 1.5; echo finished');
    await child.saysOut('started');
    child.kill('SIGINT');
    expect(await child.ended()).toBe(130);
    const [id = ''] = /run_\w+/.exec(child.err()) ?? [];
    expect(child.err()).toContain(`flotilla task cancel ${id}`);
    const followed = await fleet.flotilla(['task', 'output', '-f', id]);
    expect(followed).toMatchObject({ code: 0, stdout: 'started\nfinished\n' });
  });

  test('--detach leaves only when the command runs on its host by itself', async () => {
    const mark = join(fleet.sshd.folder, 'mark');
    const child = start('exec', 'web1', '--detach', '--', `touch ${mark}.1; sleep 0.5; touch ${mark}.2`);
    expect(await child.ended()).toBe(0);
    expect(child.out()).toMatch(/^run_\w+\n$/);
    await waitFor(() => existsSync(`${mark}.2`), { what: 'the end of a command that nobody watches' });
  });

  test('leaves the run of a call, and names it', async () => {
    const child = start('call', 'task_exec', 'alias=web1', 'cmd=sleep 30');
    await waitFor(async () => (await fleet.flotilla(['task', 'list'])).stdout.includes('sleep 30'));
    child.kill('SIGINT');
    expect(await child.ended()).toBe(130);
    expect(child.err()).toMatch(/Detached: run_/);
    expect(await fleet.flotilla(['task', 'cancel', 'last'])).toMatchObject({ code: 0 });
  });
});

describe('Ctrl-C during a copy', () => {
  test('stops it, and the same command goes on later', async () => {
    const file = join(home, 'large.bin');
    writeFileSync(file, Buffer.alloc(256 * 1024 * 1024));
    const target = join(fleet.sshd.folder, 'large.bin');
    const child = start('cp', file, `web1:${target}`);
    await waitFor(() => readdirSync(fleet.sshd.folder).some((name) => name.includes('large.bin')));
    child.kill('SIGINT');
    expect(await child.ended()).toBe(130);
    expect(child.err()).toContain('Stopped');
    expect(existsSync(target)).toBe(false);
    expect(await fleet.flotilla(['task', 'list'])).toMatchObject({ stdout: '' });
    expect((await fleet.flotilla(['cp', file, `web1:${target}`])).code).toBe(0);
    expect(statSync(target).size).toBe(256 * 1024 * 1024);
    rmSync(target);
    rmSync(file);
  }, 60_000);
});

describe('serve --stdio', () => {
  test('answers, has nothing but the protocol on stdout, and ends when stdin ends', async () => {
    const child = start('serve', '--stdio');
    child.process.stdin.write(lines(initialize, initialized, listTools));
    await child.saysOut('task_exec');
    child.process.stdin.end();
    expect(await child.ended()).toBe(0);
    const messages = child.out().trim().split('\n');
    expect(messages.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2]);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends cleanly on %s', async (signal) => {
    const child = start('serve', '--stdio');
    child.process.stdin.write(lines(initialize));
    await child.saysOut('protocolVersion');
    child.kill(signal);
    expect(await child.ended()).toBe(0);
  });

  test('a broken data folder: the file and the way out on stderr, nothing on stdout, nothing touched', async () => {
    const broken = join(home, 'broken');
    mkdirSync(broken, { mode: 0o700 });
    copyFileSync(join(root, 'package.json'), join(broken, 'state.sqlite'));
    const child = startFlotilla(['serve', '--stdio'], { home, env: { FLOTILLA_DATA_DIR: broken } });
    expect(await child.ended()).toBe(1);
    expect(child.out()).toBe('');
    expect(child.err()).toContain(join(broken, 'state.sqlite'));
    expect(readFileSync(join(broken, 'state.sqlite'))).toEqual(readFileSync(join(root, 'package.json')));
  });
});

test('a client that asks before a broken data folder was met gets the list, and the reason for its call', async () => {
  const broken = join(home, 'broken-later');
  mkdirSync(broken, { mode: 0o700 });
  copyFileSync(join(root, 'package.json'), join(broken, 'state.sqlite'));
  const child = startFlotilla(['serve', '--stdio'], { home, env: { FLOTILLA_DATA_DIR: broken } });
  const call = {
    jsonrpc: '2.0',
    id: 3,
    method: 'tools/call',
    params: { name: 'server_list', arguments: {} },
  };
  child.process.stdin.write(lines(initialize, initialized, listTools, call));
  expect(await child.ended()).toBe(1);
  expect(child.err()).toContain(join(broken, 'state.sqlite'));
  const answers = child
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; result?: { tools?: unknown[] }; error?: unknown });
  expect(answers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(answers[1]?.result?.tools?.length).toBeGreaterThan(20);
  expect(JSON.stringify(answers[2]?.result)).toContain('damaged');
});

test('a call that waits when a signal comes is not begun', async () => {
  const held = new DatabaseSync(join(fleet.machine.dataDir, 'state.sqlite'));
  held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  const child = start('serve', '--stdio');
  child.process.stdin.write(lines(initialize));
  await child.saysOut('protocolVersion');
  const add = { alias: 'late', host: '127.0.0.1', user: 'nobody', verify: false };
  const call = {
    jsonrpc: '2.0',
    id: 3,
    method: 'tools/call',
    params: { name: 'server_add', arguments: add },
  };
  child.process.stdin.write(lines(initialized, listTools, call));
  await child.saysOut('"id":2');
  child.kill('SIGTERM');
  held.close();
  // On a machine that is slow enough it gives up waiting for the state file first; the call is not begun either way.
  const ended = await child.ended();
  if (ended === 1) expect(child.err()).toContain('TIMEOUT');
  expect((await fleet.flotilla(['host', 'list'])).stdout).not.toContain('late');
});

describe('serve --http', () => {
  test('prints one screen, answers with the token of the snippets, ends on SIGTERM', async () => {
    const port = await freePort();
    const child = start('serve', '--http', '--banner', '--port', String(port));
    await child.saysOut('Ctrl-C');
    const screen = child.out();
    expect(screen.split('\n').length).toBeLessThan(30);
    const words = [`http://127.0.0.1:${port}/mcp`, 'ssh-exec', 'tools', 'claude mcp add', 'host add web1'];
    const clients = ['Claude Code', 'Claude Desktop', 'Cursor', 'VS Code', 'Gemini CLI'];
    for (const word of [...words, ...clients]) expect(screen).toContain(word);
    const [, token = ''] = /Bearer ([\w-]+)/.exec(screen) ?? [];
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const post = (authorization: string) =>
      fetch(`http://127.0.0.1:${port}/mcp`, {
        method: 'POST',
        headers: { ...headers, authorization },
        body: JSON.stringify(initialize),
      });
    expect((await post(`Bearer ${token}`)).status).toBe(200);
    expect((await post('Bearer wrong')).status).toBe(401);
    expect(readFileSync(join(fleet.machine.dataDir, 'http-token'), 'utf8').trim()).toBe(token);
    expect(statSync(join(fleet.machine.dataDir, 'http-token')).mode & 0o777).toBe(0o600);
    child.kill('SIGTERM');
    expect(await child.ended()).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  test('a taken port says how to get another', async () => {
    const port = String(await freePort());
    const first = start('serve', '--http', '--banner', '--port', port);
    await first.saysOut('Ctrl-C');
    const second = start('serve', '--http', '--port', port);
    expect(await second.ended()).toBe(1);
    expect(second.err()).toContain('--port 0');
    first.kill('SIGINT');
    expect(await first.ended()).toBe(0);
  });

  test('connect carries a stdio client to it, also the answer that nobody is there', async () => {
    const port = String(await freePort());
    const hub = start('serve', '--http', '--banner', '--port', port);
    await hub.saysOut('Ctrl-C');
    const env = { FLOTILLA_HTTP_TOKEN: /Bearer ([\w-]+)/.exec(hub.out())?.[1] ?? '' };
    const client = startFlotilla(['connect', `http://127.0.0.1:${port}/mcp`], { home, env });
    client.process.stdin.write(lines(initialize));
    await client.saysOut('protocolVersion');
    client.process.stdin.write(lines(initialized, listTools));
    await client.saysOut('task_exec');
    hub.kill('SIGTERM');
    await hub.ended();
    client.process.stdin.write(lines({ ...listTools, id: 9 }));
    await client.saysOut('does not answer');
    client.process.stdin.end();
    expect(await client.ended()).toBe(0);
    for (const line of client.out().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc');
  });

  test("connect does not hand this folder's token to another host", async () => {
    const child = start('connect', 'http://192.0.2.1:7722/mcp');
    expect(await child.ended()).toBe(2);
    expect(child.err()).toContain('FLOTILLA_HTTP_TOKEN');
  });
});

describe('bin/flotilla', () => {
  test('finds its repository through symbolic links', async () => {
    symlinkSync(join(root, 'bin/flotilla'), join(home, 'flotilla'));
    symlinkSync('flotilla', join(home, 'flo'));
    const child = startFlotilla(['version'], { home, program: join(home, 'flo') });
    expect(await child.ended()).toBe(0);
    expect(child.out()).toContain('flotilla ');
  });

  test('says how to build it when it is not built', async () => {
    mkdirSync(join(home, 'clone', 'bin'), { recursive: true });
    const program = join(home, 'clone', 'bin', 'flotilla');
    copyFileSync(join(root, 'bin/flotilla'), program);
    const child = startFlotilla(['version'], { home, program });
    expect(await child.ended()).toBe(1);
    expect(child.err()).toContain('npm run build');
  });
});

test('a reader that goes away is no failure', async () => {
  const child = start('tools', '--json');
  child.process.stdout.once('data', () => child.process.stdout.destroy());
  expect(await child.ended()).toBe(0);
  expect(child.err()).toBe('');
});
