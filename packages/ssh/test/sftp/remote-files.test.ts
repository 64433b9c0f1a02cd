import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RemoteFiles } from '@flotilla/core';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HostLinks } from '../../src/links.ts';
import { createRemoteFiles } from '../../src/sftp/remote-files.ts';
import { linksTo } from './helpers/links.ts';

let sshd: TestSshd;
let links: HostLinks;
let files: RemoteFiles;
let folder: string;

beforeAll(async () => {
  sshd = await startSshd();
  links = linksTo(sshd);
  files = createRemoteFiles(links, 'web1');
});
afterAll(async () => {
  await links.close();
  await sshd.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-files-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

test('names that are not UTF-8 survive list, stat, read, write, rename and remove', async () => {
  const raw = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9, 0xff]), Buffer.from('\n"x')]);
  writeFileSync(raw, 'hello');
  const [entry] = await files.list(folder);
  expect(entry?.path).toBe(`bytes:${folder}/caf%E9%FF%0A%22x`);
  const path = entry?.path ?? '';
  expect(await files.stat(path)).toMatchObject({ type: 'file', size: 5, path });
  expect(Buffer.from(await files.read(path, { length: 100 })).toString()).toBe('hello');
  await files.write(path, Buffer.from('changed'));
  expect(readFileSync(raw, 'utf8')).toBe('changed');
  await files.rename(path, `${path}2`);
  expect(readFileSync(Buffer.concat([raw, Buffer.from('2')]), 'utf8')).toBe('changed');
  await files.removeFile(`${path}2`);
  expect(await files.list(folder)).toEqual([]);
});

test('a name that begins with the mark of raw names is told apart', async () => {
  mkdirSync(`${folder}/bytes:x`, { recursive: true });
  writeFileSync(`${folder}/bytes:x/%41`, '1');
  const [entry] = await files.list(`${folder}/bytes:x`);
  expect(entry?.path).toBe(`${folder}/bytes:x/%41`);
});

test('write replaces at once and keeps mode, owner and a symlink', async () => {
  writeFileSync(join(folder, 'real'), 'old');
  chmodSync(join(folder, 'real'), 0o640);
  execFileSync('chown', ['1234:4321', join(folder, 'real')]);
  symlinkSync('real', join(folder, 'link'));
  await files.write(join(folder, 'link'), Buffer.from('new'));
  const now = statSync(join(folder, 'real'));
  expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
  expect([now.mode & 0o7777, now.uid, now.gid]).toEqual([0o640, 1234, 4321]);
  expect(await files.stat(join(folder, 'link'), { followSymlinks: false })).toMatchObject({
    type: 'symlink',
    target: 'real',
  });
  expect((await files.list(folder)).map((e) => e.path).sort()).toEqual([
    join(folder, 'link'),
    join(folder, 'real'),
  ]);
});

test('pseudo files that claim size 0 are read', async () => {
  const text = Buffer.from(await files.read('/proc/self/status', { length: 1 << 20 })).toString();
  expect(text).toMatch(/^Name:/);
  const part = Buffer.from(await files.read('/proc/self/status', { offset: 1, length: 4 })).toString();
  expect(part).toBe('ame:');
});

test('big reads and writes keep every byte', async () => {
  const content = Buffer.alloc(3_000_001);
  for (let i = 0; i < content.length; i += 4)
    content.writeUInt32LE(((i * 2654435761) % 2 ** 32) >>> 0, Math.min(i, content.length - 4));
  await files.write(join(folder, 'big'), content, { mode: 0o600 });
  expect(readFileSync(join(folder, 'big')).equals(content)).toBe(true);
  expect(statSync(join(folder, 'big')).mode & 0o7777).toBe(0o600);
  const read = await files.read(join(folder, 'big'), { offset: 17, length: 2_999_000 });
  expect(Buffer.from(read).equals(content.subarray(17, 17 + 2_999_000))).toBe(true);
  const beyond = await files.read(join(folder, 'big'), { offset: 4_000_000, length: 10 });
  expect(beyond.length).toBe(0);
});

test('failures carry the code of their cause and the path', async () => {
  await expect(files.stat(join(folder, 'none'))).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { alias: 'web1', path: join(folder, 'none') },
  });
  await expect(files.read(folder, { length: 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  writeFileSync(join(folder, 'f'), '');
  await expect(files.makeDirectories(join(folder, 'f', 'sub'))).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
  });
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd', 'x'), '');
  await expect(files.removeDirectory(join(folder, 'd'))).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(files.write(join(folder, 'd'), Buffer.from('x'))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  await expect(files.stat('')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('folders are made with their parents; ~ is the home of the login', async () => {
  await files.makeDirectories(join(folder, 'a/b/c'));
  await files.makeDirectories(join(folder, 'a/b/c'));
  expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
  expect(await files.realpath('~')).toBe(await files.realpath('.'));
});

test('a lost connection is said, and the next call connects again', async () => {
  await files.stat(folder);
  const reading = files.list('/proc/self/task');
  links.drop('web1');
  await reading.catch((error) => expect(error).toMatchObject({ code: 'CONNECTION_FAILED' }));
  expect(await files.stat(folder)).toMatchObject({ type: 'directory' });
});
