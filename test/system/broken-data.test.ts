import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import {
  addHost,
  hubMain,
  node,
  sourceArguments,
  startHub,
  type TestHome,
  testHome,
} from '../support/hub.ts';

let seed: TestHome;
const folderOf = (home: TestHome): string => join(home.path, '.config', 'flotilla');

/** A data folder with a host, a secret and an ended run in it. */
beforeAll(async () => {
  const sshd = await startSshd();
  seed = testHome();
  const hub = await startHub(seed);
  await addHost(hub, seed, sshd, 'web1', { sudo: 'password', sudoPassword: 'a-password-to-keep' });
  await hub.ok('task_exec', { alias: 'web1', cmd: 'echo kept' });
  await hub.close();
  await sshd.stop();
});
afterAll(() => seed?.remove());

/** A copy of it, for one test to break. */
function copyOfSeed(): TestHome & { folder: string } {
  const home = testHome();
  const folder = folderOf(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folderOf(seed))) {
    const from = join(folderOf(seed), name);
    if (statSync(from).isFile()) copyFileSync(from, join(folder, name));
  }
  return { ...home, folder };
}

/** Starts the hub; its client says nothing and hangs up. */
function start(
  home: TestHome,
  env: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(node, [...sourceArguments, hubMain, 'serve', '--stdio'], {
      env: { ...home.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    let stdout = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.once('close', (code) => resolve({ code, stderr: stderr + stdout }));
  });
}

const contents = (folder: string): [string, string][] =>
  readdirSync(folder)
    .sort()
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

test.concurrent('an untouched copy starts', async ({ expect }) => {
  const home = copyOfSeed();
  expect(await start(home)).toEqual({ code: 0, stderr: '' });
  home.remove();
});

describe.concurrent('a broken data folder: refuses to start, says which file and what to do, touches nothing', () => {
  const state = 'state.sqlite';
  const cases: [string, (folder: string) => void, RegExp[]][] = [
    [
      'a state file that is no database',
      (folder) => writeFileSync(join(folder, state), randomBytes(8192)),
      [/damaged/, /recover/],
    ],
    [
      'damaged pages',
      (folder) => {
        const bytes = readFileSync(join(folder, state));
        randomBytes(bytes.length - 4096).copy(bytes, 4096);
        writeFileSync(join(folder, state), bytes);
      },
      [/damaged/, /recover/],
    ],
    [
      'a state file that was cut off',
      (folder) => writeFileSync(join(folder, state), readFileSync(join(folder, state)).subarray(0, 40_000)),
      [/damaged/, /recover/],
    ],
    ['a newer schema', (folder) => newer(join(folder, state)), [/newer|version/i]],
    [
      'a folder in place of the file',
      (folder) => {
        rmSync(join(folder, state));
        mkdirSync(join(folder, state));
      },
      [/state\.sqlite/],
    ],
    ['a lost master key', (folder) => rmSync(join(folder, 'master.key')), [/key/i]],
    [
      'another master key',
      (folder) =>
        writeFileSync(join(folder, 'master.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 }),
      [/key/i],
    ],
    [
      'a master key that is none',
      (folder) => writeFileSync(join(folder, 'master.key'), 'hello\n', { mode: 0o600 }),
      [/master\.key/],
    ],
  ];
  test.for(cases)('%s', async ([, spoil, words], { expect }) => {
    const home = copyOfSeed();
    spoil(home.folder);
    const before = contents(home.folder);
    const { code, stderr } = await start(home);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(home.folder);
    for (const word of words) expect(stderr).toMatch(word);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(contents(home.folder)).toEqual(before);
    home.remove();
  });
});

function newer(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('UPDATE schema_part SET version = version + 100; PRAGMA user_version = 400;');
  database.close();
}

describe.concurrent('a wrong setting: refuses to start, names it and what it may be, makes nothing', () => {
  const config =
    (text: string) =>
    (home: TestHome): Record<string, string> => {
      mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
      writeFileSync(join(folderOf(home), 'config.json'), text);
      return {};
    };
  const env = (variables: Record<string, string>) => (): Record<string, string> => variables;
  const cases: [string, (home: TestHome) => Record<string, string>, RegExp[]][] = [
    ['no JSON', config('{"mcpServers": {'), [/config\.json/, /not JSON/]],
    ['a list', config('[]'), [/config\.json/]],
    [
      'an unknown key',
      config('{"jobs": {"maxOpenRunz": 3}}'),
      [/config\.json/, /"maxOpenRunz"/, /maxOpenRuns/],
    ],
    [
      'a wrong type',
      config('{"jobs": {"maxOpenRuns": "3"}}'),
      [/config\.json/, /jobs\.maxOpenRuns/, /number/],
    ],
    [
      'two ways to mount',
      config('{"mcpServers": {"x": {"command": "a", "url": "http://h/"}}}'),
      [/mcpServers\.x/],
    ],
    ['a built-in server that is none', config('{"mcpServers": {"ssh-exce": {}}}'), [/ssh-exce/, /ssh-exec/]],
    [
      'settings for a server that is none',
      config('{"servers": {"montoring": {}}}'),
      [/montoring/, /monitoring/],
    ],
    [
      'a variable that is not set',
      config(`{"http": {"tokens": {"a": "\${env:NO_SUCH_VARIABLE}"}}}`),
      [/NO_SUCH_VARIABLE/],
    ],
    ['a word for a number', env({ MAX_QUEUE_SIZE: 'many' }), [/MAX_QUEUE_SIZE/, /number/, /many/]],
    ['a negative time', env({ MCP_SYNC_TIMEOUT_S: '-1' }), [/MCP_SYNC_TIMEOUT_S/]],
    [
      'a fraction of a connection',
      env({ MAX_CONNECTIONS_PER_SERVER: '1.5' }),
      [/MAX_CONNECTIONS_PER_SERVER/],
    ],
    ['neither yes nor no', env({ MCP_READONLY: 'maybe' }), [/MCP_READONLY/, /true or false/]],
    ['an unknown level', env({ LOG_LEVEL: 'loud' }), [/LOG_LEVEL/, /info/]],
    [
      'a config file that is not there',
      env({ FLOTILLA_CONFIG: '/no/such/config.json' }),
      [/\/no\/such\/config\.json/],
    ],
  ];
  test.for(cases)('%s', async ([, prepare, words], { expect }) => {
    const home = testHome({ LOG_LEVEL: '' });
    const { code, stderr } = await start(home, prepare(home));
    expect(code, stderr).toBe(1);
    for (const word of words) expect(stderr).toMatch(word);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folderOf(home), 'state.sqlite'))).toBe(false);
    home.remove();
  });
});
