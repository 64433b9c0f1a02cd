import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { freePort, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { logFile } from '../../src/cli/serve/log-file.ts';
import { createMachine, type Machine, root } from './support/cli.ts';
import { fakeWorld } from './support/world.ts';

let machine: Machine;
let port: string;
let serving: Promise<number>;
let screen: () => string;

/** The command line in this process, with streams of its own. */
function start(argv: readonly string[], more: Record<string, string> = {}) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let out = '';
  stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  stderr.resume();
  const env = { HOME: machine.home, NO_COLOR: '1', LOG_LEVEL: 'debug', ...more };
  const launch = { node: process.execPath, entry: join(root, 'hub/dist/main.js'), nodeArguments: [], root };
  const ended = run(fakeWorld({ argv, env, cwd: machine.home, stdin, stdout, stderr, launch }));
  return { stdin, out: () => out, ended };
}

beforeAll(async () => {
  machine = createMachine();
  port = String(await freePort());
  const served = start(['serve', '--http', '--banner', '--port', port]);
  ({ ended: serving, out: screen } = served);
  await waitFor(() => screen().includes('Ctrl-C'));
});
afterAll(async () => {
  // The one server of this process; its handlers end it as a signal from outside would.
  process.emit('SIGTERM');
  expect(await serving).toBe(0);
  machine.remove();
});

test('the screen says where it is, what it offers and how to go on', () => {
  expect(screen()).toContain(`http://127.0.0.1:${port}/mcp`);
  expect(screen()).toMatch(/servers +\d+ \(ssh-exec, sftp.*\) with \d+ tools/);
  expect(screen()).toContain('~/.config/flotilla');
});

test('clients with the same text share a line', () => {
  expect(screen()).toContain('Claude Desktop, Cursor, Gemini CLI: {"mcpServers"');
});

test('a second one on the port is told the way out', async () => {
  const result = await machine.flotilla(['serve', '--http', '--port', port, '--json']);
  expect(result.code).toBe(1);
  expect(result.json()).toMatchObject({ code: 'CONFLICT', details: { port: Number(port) } });
});

test('an address of another machine is refused', async () => {
  const { code, stderr } = await machine.flotilla(['serve', '--http', '--host', '192.0.2.1', '--port', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain('127.0.0.1');
});

test('the bridge carries messages both ways, and says what it cannot deliver', async () => {
  const token = /Bearer ([\w-]+)/.exec(screen())?.[1] ?? '';
  const client = start(['connect', `http://127.0.0.1:${port}/mcp`], { FLOTILLA_HTTP_TOKEN: token });
  const send = (message: unknown): boolean => client.stdin.write(`${JSON.stringify(message)}\n`);
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  await waitFor(() => client.out().includes('protocolVersion') || client.out().includes('error'));
  expect(client.out()).toContain('"name":"flotilla"');
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  await waitFor(() => client.out().includes('task_exec'));
  client.stdin.write('not json\n\n');
  await waitFor(() => client.out().includes('-32700'));
  client.stdin.end();
  expect(await client.ended).toBe(0);
});

test('nobody there: the request is answered with why', async () => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`;
  const nobody = start(['connect', url], { FLOTILLA_HTTP_TOKEN: 'x'.repeat(20) });
  nobody.stdin.write('{"jsonrpc":"2.0","id":7,"method":"ping"}\n');
  await waitFor(() => nobody.out().includes(`Flotilla at ${url} does not answer`));
  nobody.stdin.end();
  expect(await nobody.ended).toBe(0);
});

test("this folder's token goes to the hub of its config alone", async () => {
  const { code, stderr } = await machine.flotilla(['connect', 'http://192.0.2.1:7722/mcp']);
  expect(code).toBe(2);
  expect(stderr).toContain('FLOTILLA_HTTP_TOKEN');
});

test.each([['ftp://x'], ['nonsense']])('%s is no address to connect to', async (url) => {
  expect((await machine.flotilla(['connect', url])).code).toBe(2);
});

test('what it logs is kept for flotilla logs, for this user only', async () => {
  const file = logFile(machine.dataDir);
  if (!existsSync(file)) return;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(`"pid":${process.pid}`);
});
