import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CLIENTS, type Client, type Connection, documentFor, SERVER_NAME } from '../../src/snippets/index.ts';

const stdio: Connection = {
  transport: 'stdio',
  command: '/opt/my node/bin/node',
  args: ['/opt/flotilla/hub/dist/main.js', 'serve', '--stdio'],
  env: { FLOTILLA_DATA_DIR: '/data' },
};
const http: Connection = {
  transport: 'http',
  url: 'http://127.0.0.1:7722/mcp',
  token: 'secret-token',
  bridge: {
    command: '/node',
    args: ['/main.js', 'connect', 'http://127.0.0.1:7722/mcp'],
    env: { FLOTILLA_HTTP_TOKEN: 'secret-token' },
  },
};
const start = { command: stdio.command, args: stdio.args, env: stdio.env };
const headers = { Authorization: 'Bearer secret-token' };
function client(id: string): Client {
  const found = CLIENTS.find((one) => one.id === id);
  if (found) return found;
  throw new Error(`no client ${id}`);
}

/** Words as a POSIX shell splits them. */
const words = (line: string): string[] =>
  execFileSync('/bin/sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1);

describe('what each client reads', () => {
  test.each([
    ['claude-code', { mcpServers: { flotilla: { type: 'stdio', ...start } } }],
    ['claude-desktop', { mcpServers: { flotilla: start } }],
    ['cursor', { mcpServers: { flotilla: start } }],
    ['vscode', { servers: { flotilla: { type: 'stdio', ...start } } }],
    ['gemini', { mcpServers: { flotilla: start } }],
  ])('%s over stdio', (id, expected) => {
    expect(documentFor(client(id), SERVER_NAME, stdio)).toEqual(expected);
  });

  test.each([
    ['claude-code', { mcpServers: { flotilla: { type: 'http', url: http.url, headers } } }],
    ['claude-desktop', { mcpServers: { flotilla: http.bridge } }],
    ['cursor', { mcpServers: { flotilla: { url: http.url, headers } } }],
    ['vscode', { servers: { flotilla: { type: 'http', url: http.url, headers } } }],
    ['gemini', { mcpServers: { flotilla: { httpUrl: http.url, headers } } }],
  ])('%s over HTTP', (id, expected) => {
    expect(documentFor(client(id), SERVER_NAME, http)).toEqual(expected);
  });

  test('an empty environment is not written', () => {
    const entry = client('cursor').entry({ ...stdio, env: {} } as Connection);
    expect(entry).toEqual({ command: stdio.command, args: stdio.args });
  });
});

test('the command of Claude Code survives a shell, and no option swallows the name', () => {
  const line = client('claude-code').command?.(SERVER_NAME, stdio) ?? '';
  expect(words(line)).toEqual([
    ...[
      'claude',
      'mcp',
      'add',
      '--scope',
      'user',
      '--env',
      'FLOTILLA_DATA_DIR=/data',
      '--transport',
      'stdio',
    ],
    ...['flotilla', '--', stdio.command, ...stdio.args],
  ]);
  expect(words(client('claude-code').command?.(SERVER_NAME, http) ?? '')).toEqual([
    ...['claude', 'mcp', 'add', '--scope', 'user', '--transport', 'http', 'flotilla', http.url],
    ...['--header', 'Authorization: Bearer secret-token'],
  ]);
});

test('the name has no underscore (Gemini) and is short', () => {
  expect(SERVER_NAME).toMatch(/^[a-z-]{1,10}$/);
});

describe('where each client keeps its file', () => {
  const linux = { platform: 'linux', home: '/home/me', env: {} } as const;
  const mac = { platform: 'darwin', home: '/Users/me', env: {} } as const;
  test.each([
    ['claude-code', linux, '/home/me/.claude.json'],
    ['claude-code', { ...linux, env: { CLAUDE_CONFIG_DIR: '/c' } }, '/c/.claude.json'],
    ['claude-desktop', linux, '/home/me/.config/Claude/claude_desktop_config.json'],
    ['claude-desktop', mac, '/Users/me/Library/Application Support/Claude/claude_desktop_config.json'],
    ['cursor', linux, '/home/me/.cursor/mcp.json'],
    ['vscode', linux, '/home/me/.config/Code/User/mcp.json'],
    ['vscode', { ...linux, env: { XDG_CONFIG_HOME: '/xdg' } }, '/xdg/Code/User/mcp.json'],
    ['vscode', mac, '/Users/me/Library/Application Support/Code/User/mcp.json'],
    ['gemini', linux, '/home/me/.gemini/settings.json'],
  ])('%s', (id, places, file) => expect(client(id).file(places)).toBe(file));
});
