import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sftpProcess } from '../helpers/process.ts';

const on = sftpProcess();
const remote = (path: string) => ({ type: 'remote', alias: 'web1', path: join(on.there, path) });

test('file_write: a dry run says exactly what would change and writes nothing', async () => {
  writeFileSync(join(on.there, 'conf'), 'a\nb\nc\n');
  const dry = await on.ok('file_write', { source: remote('conf'), content: 'a\nB\nc\n', dryRun: true });
  expect(dry).toMatchObject({ changed: true, dryRun: true, before: { size: 6 }, after: { size: 6 } });
  expect(dry.text).toContain('-b\n+B');
  expect(readFileSync(join(on.there, 'conf'), 'utf8')).toBe('a\nb\nc\n');
  expect(readdirSync(on.there)).toEqual(['conf']);
});

test('file_write: before and after, owner and mode kept, backup beside it', async () => {
  writeFileSync(join(on.there, 'conf'), 'old\n');
  chmodSync(join(on.there, 'conf'), 0o600);
  if (userInfo().uid === 0) execFileSync('chown', ['77:78', join(on.there, 'conf')]);
  const written = await on.ok<{ backup: string }>('file_write', {
    source: remote('conf'),
    content: 'new\n',
    backup: true,
  });
  expect(readFileSync(join(on.there, 'conf'), 'utf8')).toBe('new\n');
  const now = statSync(join(on.there, 'conf'));
  expect(now.mode & 0o777).toBe(0o600);
  if (userInfo().uid === 0) expect([now.uid, now.gid]).toEqual([77, 78]);
  expect(readFileSync(written.backup, 'utf8')).toBe('old\n');
  expect(statSync(written.backup).mode & 0o777).toBe(0o600);
  expect(written.text).toContain(written.backup);
  const same = await on.ok('file_write', { source: remote('conf'), content: 'new\n', backup: true });
  expect(same).toMatchObject({ changed: false });
  expect(readdirSync(on.there)).toHaveLength(2);
});

test('file_write: new file with its folders, base64, or not', async () => {
  await on.ok('file_write', { source: remote('x/y/z'), content: 'AAEC', encoding: 'base64' });
  expect(readFileSync(join(on.there, 'x/y/z'))).toEqual(Buffer.from([0, 1, 2]));
  const failure = await on.fails('file_write', { source: remote('n/o'), content: 'x', createDirs: false });
  expect(failure.code).toBe('NOT_FOUND');
  expect(
    await on.fails('file_write', { source: remote('q'), content: '!', encoding: 'base64' }),
  ).toMatchObject({ code: 'INVALID_INPUT' });
  mkdirSync(join(on.there, 'folder'));
  expect(await on.fails('file_write', { source: remote('folder'), content: 'x' })).toMatchObject({
    code: 'INVALID_INPUT',
  });
  await on.ok('file_write', { source: { type: 'remote', alias: 'web1', path: '~/in-home' }, content: 'x' });
  expect(readFileSync(join(on.sshd.home, 'in-home'), 'utf8')).toBe('x');
});

test('file_write: local, inside the roots only', async () => {
  await on.ok('file_write', { source: { type: 'local', path: 'a/b' }, content: 'x' });
  expect(readFileSync(join(on.here, 'a/b'), 'utf8')).toBe('x');
  for (const path of [
    '/tmp/flotilla-out',
    '.git/hooks/pre-commit',
    '.mcp.json',
    '../x',
    join(on.dataDir, 'x'),
  ]) {
    expect(await on.fails('file_write', { source: { type: 'local', path }, content: 'x' })).toMatchObject({
      code: 'DENIED',
    });
  }
  expect(existsSync('/tmp/flotilla-out')).toBe(false);
});

test('file_remove: a file, a symlink and not its target, a folder only when asked', async () => {
  mkdirSync(join(on.there, 'd/sub'), { recursive: true });
  writeFileSync(join(on.there, 'd/sub/f'), 'xyz');
  writeFileSync(join(on.there, 'keep'), 'keep');
  symlinkSync('../keep', join(on.there, 'd/link'));
  symlinkSync('d', join(on.there, 'dirlink'));
  expect(await on.ok('file_remove', { alias: 'web1', path: join(on.there, 'dirlink') })).toMatchObject({
    type: 'symlink',
    removed: true,
  });
  expect(existsSync(join(on.there, 'd'))).toBe(true);
  expect(await on.fails('file_remove', { alias: 'web1', path: join(on.there, 'd') })).toMatchObject({
    code: 'INVALID_INPUT',
  });
  const dry = await on.ok('file_remove', {
    alias: 'web1',
    path: join(on.there, 'd'),
    recursive: true,
    dryRun: true,
  });
  expect(dry).toMatchObject({ files: 2, folders: 2, bytes: 3, removed: false });
  expect(existsSync(join(on.there, 'd/sub/f'))).toBe(true);
  const done = await on.ok('file_remove', { alias: 'web1', path: `${on.there}/d/`, recursive: true });
  expect(done).toMatchObject({ files: 2, removed: true });
  expect(readdirSync(on.there)).toEqual(['keep']);
  expect(await on.fails('file_remove', { alias: 'web1', path: join(on.there, 'd') })).toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('file_remove: odd names', async () => {
  const names = ['-rf', 'a b', "q'uote", 'new\nline\n', '$(touch pwned)', '*'];
  for (const name of names) {
    mkdirSync(join(on.there, name));
    writeFileSync(join(on.there, name, 'f'), 'x');
  }
  for (const name of names)
    await on.ok('file_remove', { alias: 'web1', path: `${on.there}/${name}`, recursive: true });
  const raw = Buffer.concat([Buffer.from(`${on.there}/r`), Buffer.from([0xff, 0x0a])]);
  mkdirSync(raw);
  await on.ok('file_remove', { alias: 'web1', path: `bytes:${on.there}/r%FF%0A`, recursive: true });
  expect(readdirSync(on.there)).toEqual([]);
});

test('file_remove: what is never removed', async () => {
  mkdirSync(join(on.there, 'up'));
  symlinkSync('/', join(on.there, 'slash'));
  for (const path of [
    '/',
    '//',
    '/etc',
    '/usr/',
    '/proc',
    '~',
    '~/',
    `${on.sshd.home}/`,
    `${on.there}/slash/etc`,
  ]) {
    const failure = await on.fails('file_remove', { alias: 'web1', path, recursive: true });
    expect(failure.code, path).toMatch(/DENIED|INVALID_INPUT/);
  }
  for (const path of [`${on.there}/up/..`, '.', '..', `${on.there}/.`, `bytes:${on.there}/%2e%2e`]) {
    expect((await on.fails('file_remove', { alias: 'web1', path, recursive: true })).code).toBe(
      'INVALID_INPUT',
    );
  }
  await on.ok('file_remove', { alias: 'web1', path: `${on.there}/slash/`, recursive: true });
  expect(readdirSync(on.there)).toEqual(['up']);
  expect(existsSync('/etc/hostname')).toBe(true);
});

const root = userInfo().uid === 0;
test.skipIf(!root)(
  `file_remove: mount points, also below${root ? '' : ' (skipped: needs root)'}`,
  async () => {
    mkdirSync(join(on.there, 'a/disk'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(on.there, 'a/disk')]);
    try {
      writeFileSync(join(on.there, 'a/disk/f'), 'x');
      for (const path of ['a', 'a/disk']) {
        expect(
          await on.fails('file_remove', { alias: 'web1', path: join(on.there, path), recursive: true }),
        ).toMatchObject({ code: 'DENIED' });
      }
      expect(readFileSync(join(on.there, 'a/disk/f'), 'utf8')).toBe('x');
    } finally {
      execFileSync('umount', [join(on.there, 'a/disk')]);
    }
  },
);
