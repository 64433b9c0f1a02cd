import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMachine, type Machine, root } from './support/cli.ts';

let machine: Machine;
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

const print = (...options: string[]) => machine.flotilla(['config', 'print', ...options]);
const main = join(root, 'hub/dist/main.js');
const node = join(root, 'node_modules/node/bin/node');

describe('config print', () => {
  test('starts the Node of the repository with absolute paths, never npx', async () => {
    const { code, stdout } = await print('--client', 'cursor');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      mcpServers: { flotilla: { command: node, args: [main, 'serve', '--stdio'] } },
    });
  });

  test('for Claude Code the command comes first', async () => {
    const { stdout } = await print('--client', 'claude-code');
    expect(stdout.split('\n')[0]).toBe(
      `claude mcp add --scope user --transport stdio flotilla -- ${node} ${main} serve --stdio`,
    );
  });

  test('over HTTP it holds the token of the data folder, made when it is needed', async () => {
    const result = await print('--client', 'vscode', '--http', '--json');
    const token = readFileSync(join(machine.dataDir, 'http-token'), 'utf8').trim();
    const headers = { Authorization: `Bearer ${token}` };
    expect(statSync(join(machine.dataDir, 'http-token')).mode & 0o777).toBe(0o600);
    expect(result.json()).toEqual({
      servers: { flotilla: { type: 'http', url: 'http://127.0.0.1:7722/mcp', headers } },
    });
    const again = await print('--client', 'gemini', '--http', '--json', '--url', 'https://hub.example/mcp');
    expect(again.json()).toMatchObject({
      mcpServers: { flotilla: { httpUrl: 'https://hub.example/mcp', headers } },
    });
  });

  test('a data folder that clients would not find is named in it', async () => {
    const env = { FLOTILLA_DATA_DIR: join(machine.home, 'elsewhere') };
    const result = await machine.flotilla(['config', 'print', '--client', 'gemini', '--json'], { env });
    expect(result.json()).toMatchObject({ mcpServers: { flotilla: { env } } });
  });
});

describe('config print --install', () => {
  const file = (): string => join(machine.home, '.cursor', 'mcp.json');
  const install = (...options: string[]) => print('--client', 'cursor', '--install', ...options);

  test('shows what it would write and writes nothing unasked', async () => {
    const { code, stderr } = await install();
    expect(code).toBe(3);
    expect(stderr).toContain(`Would create ${file()}`);
    expect(stderr).toContain('+       "command"');
    expect(() => statSync(file())).toThrow();
  });

  test('asks a person', async () => {
    const call = (answer: string) =>
      machine.flotilla(['config', 'print', '--client', 'cursor', '--install'], {
        types: [['Write this for Cursor?', answer]],
      });
    expect((await call('n\r')).code).toBe(1);
    expect(() => statSync(file())).toThrow();
    expect((await call('y\r')).code).toBe(0);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toHaveProperty('mcpServers.flotilla');
  });

  test('keeps other servers and settings, leaves a backup, writes nothing twice', async () => {
    mkdirSync(join(machine.home, '.cursor'));
    const before = JSON.stringify({ other: true, mcpServers: { mine: { url: 'x' } } });
    writeFileSync(file(), before);
    const { code, stderr } = await install('--yes');
    expect(code).toBe(0);
    expect(stderr).toContain('Restart Cursor');
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({
      other: true,
      mcpServers: { mine: { url: 'x' }, flotilla: { command: node } },
    });
    expect(readFileSync(`${file()}.flotilla-backup`, 'utf8')).toBe(before);
    expect((await install('--yes', '--json')).json()).toEqual({ file: file(), changed: false });
  });

  test('a file that is no JSON is left as it is', async () => {
    mkdirSync(join(machine.home, '.cursor'));
    writeFileSync(file(), '{ // mine\n}');
    const { code, stderr } = await install('--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(file());
    expect(readFileSync(file(), 'utf8')).toBe('{ // mine\n}');
  });

  test('--file names another one', async () => {
    expect((await install('--yes', '--file', 'project/mcp.json')).code).toBe(0);
    expect(statSync(join(machine.home, 'project', 'mcp.json')).mode & 0o777).toBe(0o600);
  });
});
