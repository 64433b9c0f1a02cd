import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readLocal, writeLocal } from '../../src/sftp/local/index.ts';
import { LocalFolder } from '../../src/sftp/local/local-folder.ts';
import { LocalRoots } from '../../src/sftp/local/local-roots.ts';
import { transferSetup } from './helpers/transfer-setup.ts';

let base: string;
let root: string;
let access: { roots: string[]; dataDir: string };
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'flotilla-roots-')));
  root = join(base, 'root');
  mkdirSync(root);
  mkdirSync(join(base, 'outside'));
  writeFileSync(join(base, 'outside/secret'), 'secret');
  mkdirSync(join(base, 'data/files'), { recursive: true });
  writeFileSync(join(base, 'data/state.sqlite'), 'state');
  access = { roots: [root], dataDir: join(base, 'data') };
  return () => rmSync(base, { recursive: true, force: true });
});
const read = (path: string) => readLocal(access, path, { length: 1000 });
const write = (path: string) => writeLocal(access, path, Buffer.from('x'), { createDirs: true });

test('relative paths start at the first root; files are read and replaced in place', async () => {
  expect(await write('a/b/c')).toBe(join(root, 'a/b/c'));
  expect((await read('a/b/c')).content.toString()).toBe('x');
  expect((await read(join(root, 'a/b/c'))).size).toBe(1);
  expect((await readLocal(access, 'a/b/c', { offset: 1, length: 5 })).content.length).toBe(0);
  expect(readdirSync(join(root, 'a/b'))).toEqual(['c']);
});

test.each([
  '../outside/secret',
  '/etc/passwd',
  '~/.bashrc',
  'a/../../outside/secret',
  '/proc/self/environ',
  './/..//outside/secret',
])('outside: %s', async (path) => {
  const denied = {
    code: 'DENIED',
    details: { roots: [root] },
    hint: expect.stringContaining('FLOTILLA_LOCAL_ROOTS'),
  };
  await expect(read(path)).rejects.toMatchObject(denied);
  await expect(write(path)).rejects.toMatchObject({ code: 'DENIED' });
});

test('symlinks out of the root are refused, as the file, as a parent, and dangling', async () => {
  symlinkSync(join(base, 'outside/secret'), join(root, 'file'));
  symlinkSync(join(base, 'outside'), join(root, 'folder'));
  symlinkSync(join(base, 'outside/new'), join(root, 'dangling'));
  for (const path of ['file', 'folder/secret', 'folder/new/x']) {
    await expect(read(path)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(write(path)).rejects.toMatchObject({ code: 'DENIED' });
  }
  await write('dangling').catch(() => undefined);
  expect(readFileSync(join(base, 'outside/secret'), 'utf8')).toBe('secret');
  expect(readdirSync(join(base, 'outside'))).toEqual(['secret']);
});

test('a symlink inside the root is followed', async () => {
  writeFileSync(join(root, 'real'), 'here');
  symlinkSync('real', join(root, 'link'));
  expect((await read('link')).content.toString()).toBe('here');
});

test('the data folder is out of reach, also inside a root and through a symlink; its files folder is not', async () => {
  access = { roots: [base], dataDir: join(base, 'data') };
  symlinkSync(join(base, 'data'), join(base, 'alias'));
  for (const path of ['data/state.sqlite', 'alias/state.sqlite', 'data/new', 'data/files/../state.sqlite']) {
    await expect(read(path)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(write(path)).rejects.toMatchObject({ code: 'DENIED' });
  }
  await write('data/files/ok');
  expect((await read('alias/files/ok')).content.toString()).toBe('x');
  access = { roots: [join(base, 'data/files')], dataDir: join(base, 'data') };
  await write('ok2');
});

test.each([
  '.git/hooks/post-checkout',
  'sub/.git',
  '.GIT/config',
  '.mcp.json',
  '.vscode/tasks.json',
  '.bashrc',
  'x/.zshrc',
  '.ssh/authorized_keys',
  '.profile',
  '.cursor/mcp.json',
])('never written: %s', async (path) => {
  await expect(write(path)).rejects.toMatchObject({ code: 'DENIED', details: { path: join(root, path) } });
  expect(readdirSync(root)).toEqual([]);
});

test('a folder swapped for a symlink after the check does not lead outside', async () => {
  mkdirSync(join(root, 'dir/sub'), { recursive: true });
  const roots = await LocalRoots.of(access);
  const folder = await LocalFolder.open(roots, await roots.locate('dir', 'write'), 'write');
  renameSync(join(root, 'dir'), join(root, 'moved'));
  symlinkSync(join(base, 'outside'), join(root, 'dir'));
  await expect(folder.openFile('secret')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const made = await folder.makeChild('new');
  expect(existsSync(join(root, 'moved/new'))).toBe(true);
  expect(existsSync(join(base, 'outside/new'))).toBe(false);
  await made.close();
  rmSync(join(root, 'moved/sub'), { recursive: true });
  symlinkSync(join(base, 'outside'), join(root, 'moved/sub'));
  await expect(folder.child('sub', 'write')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await folder.close();
  await expect(LocalFolder.open(roots, join(root, 'dir'), 'read')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('property: whatever the path, what is located is inside the root', async () => {
  const name = fc.oneof(
    fc.constantFrom('.', '..', '', 'in', 'out', '~', 'a', 'bytes:%2e%2e', '%2e%2e', '...', ' ', '\\'),
    fc.string({ maxLength: 4 }),
  );
  mkdirSync(join(root, 'in'));
  symlinkSync(join(base, 'outside'), join(root, 'out'));
  const roots = await LocalRoots.of(access);
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 6 }), fc.boolean(), async (names, absolute) => {
      const path = `${absolute ? root : '.'}/${names.join('/')}`;
      const real = await roots.locate(path, 'read').catch((error) => {
        expect(['DENIED', 'INVALID_INPUT']).toContain(error.code);
      });
      if (real) expect(real === root || real.startsWith(`${root}/`)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe('a host that sends what was not asked for', () => {
  const on = transferSetup();

  test('refused names and symlinks in the way are faults; the rest arrives', async () => {
    mkdirSync(join(on.there, 'd/.git'), { recursive: true });
    for (const name of ['.git/config', '.bashrc', 'a', 'b', 'c', 'sub-file'])
      writeFileSync(join(on.there, 'd', name), name);
    mkdirSync(join(on.there, 'd/sub'));
    writeFileSync(join(on.there, 'd/sub/x'), 'x');
    mkdirSync(join(on.here, 'd'));
    symlinkSync(tmpdir(), join(on.here, 'd/sub'));
    const summary = await on.download(join(on.there, 'd'), 'd');
    expect(readdirSync(join(on.here, 'd')).sort()).toEqual(['a', 'b', 'c', 'sub', 'sub-file']);
    expect(existsSync(join(tmpdir(), 'x'))).toBe(false);
    const faults = new Set(summary.failures.map((fault) => fault.path.slice(on.there.length + 3)));
    expect(faults).toEqual(new Set(['.git', '.git/config', '.bashrc', 'sub', 'sub/x']));
  });

  test('an upload leaves out the data folder, and reads through no symlink', async () => {
    mkdirSync(join(on.here, 'data/files'), { recursive: true });
    writeFileSync(join(on.here, 'data/secret'), 'secret');
    writeFileSync(join(on.here, 'plain'), 'plain');
    symlinkSync(homedir(), join(on.here, 'home'));
    const access = { roots: [on.here], dataDir: join(on.here, 'data') };
    const { createTransfers } = await import('../../src/sftp/transfers.ts');
    const files = [{ local: '.', remote: join(on.there, 'up') }];
    await createTransfers(on.links)({ alias: 'web1', direction: 'upload', files, access });
    expect(readdirSync(join(on.there, 'up')).sort()).toEqual(['home', 'plain']);
  });
});
