import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN } from '@flotilla/hub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read, root } from '../rules/sources.ts';
import { type Copy, copyOfRepository } from '../support/generator.ts';

const PARTS = [
  'templates',
  'servers',
  'hub/package.json',
  'hub/src/built-in.ts',
  'packages/*/package.json',
  'packages/fleet/src',
  'scripts',
  'bin',
  'test/package.json',
  '*.json',
  '*.yaml',
];
let copy: Copy;

beforeAll(() => {
  copy = copyOfRepository(...PARTS, '.gitignore');
  symlinkSync(join(root, 'node_modules'), join(copy.root, 'node_modules'));
});
afterAll(() => copy.remove());

const at = (path: string): string => join(copy.root, path);
const readCopy = (path: string): string => readFileSync(at(path), 'utf8');
const newServer = (...args: string[]) => copy.generate('server', ...args, '--no-install');
const newTool = (...args: string[]) => copy.generate('tool', ...args);

/** Every file, folder and link with its content. */
function state(folder = copy.root): string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      if (['node_modules', '.git', '.tools'].includes(name)) return [];
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [`${path} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [path, ...state(path)];
      return [`${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
    });
}

test('the template is no server of the product', () => {
  expect(BUILT_IN.map(({ name }) => name)).not.toContain('server-template');
  expect(read('docs/tools.md')).not.toContain('template_');
});

test('a server: its package, and every list it belongs to', async () => {
  const { code, said } = await newServer('mail-relay');
  expect(code, said).toBe(0);
  expect(said).toContain('wrote servers/mail-relay/src/server.ts');
  expect(JSON.parse(readCopy('servers/mail-relay/package.json'))).toMatchObject({
    name: '@flotilla/mail-relay',
  });
  expect(readCopy('servers/mail-relay/src/server.ts')).toContain('export const mailRelay = defineServer({');
  expect(readCopy('servers/mail-relay/src/server.ts')).toContain('  tools: [],\n');
  expect(readCopy('servers/mail-relay/vitest.config.ts')).toContain("name: 'mail-relay'");
  expect(existsSync(at('servers/mail-relay/src/tools'))).toBe(false);
  expect(readCopy('hub/src/built-in.ts')).toContain("import { mailRelay } from '@flotilla/mail-relay';");
  expect(readCopy('hub/src/built-in.ts')).toMatch(/= \[\s*sshExec,\s*sftp[^\]]*,\s*mailRelay,?\s*\]/);
  expect(JSON.parse(readCopy('hub/package.json')).dependencies).toMatchObject({
    '@flotilla/mail-relay': 'workspace:*',
  });
  expect(readlinkSync(at('bin/flotilla-mail-relay'))).toBe('flotilla');
  expect(
    state()
      .filter((line) => line.includes('mail-relay'))
      .join(),
  ).not.toMatch(/template/i);
});

test('a server with the example tools', async () => {
  const { code, said } = await newServer('weather-station', '--example');
  expect(code, said).toBe(0);
  expect(readdirSync(at('servers/weather-station/src/tools'))).toEqual([
    'weather-station-mark.ts',
    'weather-station-uptime.ts',
  ]);
  const server = readCopy('servers/weather-station/src/server.ts');
  expect(server).toContain('tools: [weatherStationUptime, weatherStationMark],');
  expect(readCopy('servers/weather-station/src/tools/weather-station-mark.ts')).toContain(
    "name: 'weather_station_mark',",
  );
});

test('tools: read, job, effect; in servers new and old', async () => {
  expect(await newTool('sftp', 'file_touch', '--effect', 'write')).toMatchObject({ code: 0 });
  expect(await newTool('sftp', 'file_purge', '--job', '--effect=destroy')).toMatchObject({ code: 0 });
  const touch = readCopy('servers/sftp/src/tools/file-touch.ts');
  expect(touch).toContain("name: 'file_touch',\n  title: 'File touch',");
  expect(touch).toContain("effect: 'write',");
  expect(touch).not.toContain('job:');
  const purge = readCopy('servers/sftp/src/tools/file-purge.ts');
  expect(purge).toContain('export const filePurge = defineTool({');
  expect(purge).toContain("effect: 'destroy',");
  expect(purge).toContain('job: {');
  expect(readCopy('servers/sftp/src/server.ts')).toMatch(
    /tools: \[\s*taskTransfer,[^\]]*fileTouch,\s*filePurge,?\s*\]/,
  );
  expect(readCopy('servers/sftp/test/tools/file-purge.test.ts')).toContain("on.ok('file_purge', {");
  expect(readCopy('servers/sftp/test/helpers/test-process.ts')).toContain(
    "{ sftp } from '../../src/server.ts'",
  );
});

test('a helper that was changed is kept', async () => {
  const helper = at('servers/sftp/test/helpers/test-process.ts');
  writeFileSync(helper, '// mine\n');
  expect(await newTool('sftp', 'file_rename')).toMatchObject({ code: 0 });
  expect(readFileSync(helper, 'utf8')).toBe('// mine\n');
});

describe('what is refused changes nothing and says why', async () => {
  const refused: [args: string[], why: RegExp][] = [
    [['server', 'Docker'], /cannot name a server/],
    [['server', '../evil'], /cannot name a server/],
    [['server', 'a--b'], /cannot name a server/],
    [['server', '2fa'], /cannot name a server/],
    [['server', 'x'.repeat(33)], /at most 32/],
    [['server', 'import'], /word of the language/],
    [['server', 'sftp'], /package called sftp already/],
    [['server', 'core'], /package called core already/],
    [['server', 'fleet'], /package called fleet already/],
    [['server', 'server-template'], /package called server-template already/],
    [['server'], /not understood/],
    [['server', 'a', 'b'], /not understood/],
    [['server', 'a', '--job'], /not understood/],
    [['tool', 'nothing', 'x_list'], /no server called "nothing"\. There are: .*sftp.*ssh-exec/],
    [['tool', 'server-template', 'x_list'], /no server called/],
    [['tool', 'sftp', 'File_List'], /cannot name a tool/],
    [['tool', 'sftp', 'file-list'], /cannot name a tool/],
    [['tool', 'sftp', '2fa_check'], /cannot name a tool/],
    [['tool', 'sftp', 'a__b'], /cannot name a tool/],
    [['tool', 'sftp', 'x'.repeat(49)], /at most 48/],
    [['tool', 'sftp', 'delete'], /word of the language/],
    [['tool', 'sftp', 'define_tool'], /taken by what a tool imports/],
    [['tool', 'sftp', 'file_list'], /already: servers\/sftp\/src\/tools\/file-list\.ts/],
    [['tool', 'sftp', 'task_exec'], /already: servers\/ssh-exec\/src\/tools\/task-exec\.ts/],
    [['tool', 'sftp', 'fleet_status'], /already: packages\/fleet\/src\/hosts\/fleet-status\.ts/],
    [['tool', 'sftp', 'x_list', '--effect', 'delete'], /one of read, write, destroy/],
    [['tool', 'sftp', 'x_list', '--colour'], /--colour/],
    [['tool', 'sftp'], /not understood/],
    [[], /What is to be made\?/],
  ];
  const answers = new Map<string[], { code: number; said: string }>();
  let before: string[];
  let after: string[];

  beforeAll(async () => {
    before = state();
    await Promise.all(refused.map(async ([args]) => answers.set(args, await copy.generate(...args))));
    after = state();
  });

  test.each(refused)('%j', (args, why) => {
    const { code, said } = answers.get(args) ?? { code: -1, said: '' };
    expect(said).toMatch(why);
    expect(said).toContain('Nothing was changed.');
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  });

  test('nothing was changed indeed', () => {
    expect(after).toEqual(before);
  });

  test('an option that npm kept for itself', async () => {
    const args = ['tool', 'sftp', 'x_list'];
    const { code, said } = await copy.generateIn({ npm_config_job: 'true' }, ...args);
    expect(said).toContain('npm took --job for itself: put -- behind "npm run new".');
    expect(code).toBe(1);
    expect(state()).toEqual(before);
  });

  test('a list that is not plain', async () => {
    const path = at('servers/sftp/src/server.ts');
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, source.replace(/tools: \[/, 'tools: all.concat([').replace(/\],\n\}\);/, ']),\n});'));
    const before = state();
    expect(await newTool('sftp', 'file_count')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/no plain list to add to/),
    });
    expect(state()).toEqual(before);
    writeFileSync(path, source);
  });
});

describe('what fails half-way is put back', async () => {
  test('a folder that cannot be made', async () => {
    renameSync(at('bin'), at('bin.away'));
    writeFileSync(at('bin'), 'a file');
    const before = state();
    const { code, said } = await newServer('half-done');
    expect(said).toContain('Nothing was changed.');
    expect(code).toBe(1);
    expect(state()).toEqual(before);
    rmSync(at('bin'));
    renameSync(at('bin.away'), at('bin'));
  });

  test('code that cannot be formatted', async () => {
    const template = at('templates/server/src/tools/template-uptime.ts');
    const source = readFileSync(template, 'utf8');
    writeFileSync(template, `${source}\nconst broken = (;\n`);
    const before = state();
    expect(await newTool('ssh-exec', 'host_age')).toMatchObject({ code: 1 });
    expect(state()).toEqual(before);
    writeFileSync(template, source);
  });

  test('an installation that fails', async () => {
    const pnpm = at('scripts/pnpm.mjs');
    const source = readFileSync(pnpm, 'utf8');
    const breakIt = [
      "import { mkdirSync, writeFileSync } from 'node:fs';",
      "mkdirSync('servers/half-done/node_modules/x', { recursive: true });",
      "writeFileSync('pnpm-lock.yaml', 'changed');",
      "process.stderr.write('no network');",
      'process.exit(1);',
    ];
    writeFileSync(pnpm, `${breakIt.join('\n')}\n`);
    const before = state();
    const { code, said } = await copy.generate('server', 'half-done');
    expect(said).toContain('no network');
    expect(code).toBe(1);
    expect(state()).toEqual(before);
    writeFileSync(pnpm, source);
  });
});
