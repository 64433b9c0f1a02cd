import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busyChannels } from './helpers/links.ts';
import { randomBytes, transferSetup } from './helpers/transfer-setup.ts';

const on = transferSetup();
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

test('a file goes up with mode, time and checksum, and nothing else is left', async () => {
  const content = randomBytes(5_000_003);
  writeFileSync(join(on.here, 'a b'), content);
  chmodSync(join(on.here, 'a b'), 0o751);
  utimesSync(join(on.here, 'a b'), 1_700_000_000, 1_700_000_000);
  const summary = await on.upload('a b', join(on.there, 'new/sub/copy'));
  const copy = join(on.there, 'new/sub/copy');
  expect(readFileSync(copy).equals(content)).toBe(true);
  expect(statSync(copy).mode & 0o7777).toBe(0o751);
  expect(statSync(copy).mtimeMs).toBe(1_700_000_000_000);
  expect(readdirSync(join(on.there, 'new/sub'))).toEqual(['copy']);
  expect(summary).toMatchObject({ files: 1, bytes: content.length, verified: 1, failed: 0, resumedBytes: 0 });
  expect(summary.pairs[0]?.sha256).toBe(sha256(content));
  expect(busyChannels(on.links)).toBe(0);
});

test('a file comes down with mode, time and checksum', async () => {
  const content = randomBytes(3_000_001);
  writeFileSync(join(on.there, 'f'), content);
  chmodSync(join(on.there, 'f'), 0o4711);
  utimesSync(join(on.there, 'f'), 1_600_000_000, 1_600_000_000);
  const summary = await on.download(join(on.there, 'f'), 'deep/er/');
  const copy = join(on.here, 'deep/er/f');
  expect(readFileSync(copy).equals(content)).toBe(true);
  expect(statSync(copy).mode & 0o7777).toBe(0o711);
  expect(statSync(copy).mtimeMs).toBe(1_600_000_000_000);
  expect(readdirSync(join(on.here, 'deep/er'))).toEqual(['f']);
  expect(summary).toMatchObject({ files: 1, verified: 1, failed: 0 });
  expect(busyChannels(on.links)).toBe(0);
});

test('an existing folder, or a slash at the end, is a folder to put the file into', async () => {
  writeFileSync(join(on.here, 'f'), 'x');
  mkdirSync(join(on.there, 'dir'));
  await on.upload('f', join(on.there, 'dir'));
  await on.upload('f', `${on.there}/other/`);
  expect(readFileSync(join(on.there, 'dir/f'), 'utf8')).toBe('x');
  expect(readFileSync(join(on.there, 'other/f'), 'utf8')).toBe('x');
  await on.download(join(on.there, 'dir/f'), '.');
  expect(readFileSync(join(on.here, 'f'), 'utf8')).toBe('x');
});

test('empty files, and files of /proc that claim to be empty', async () => {
  writeFileSync(join(on.here, 'empty'), '');
  await on.upload('empty', join(on.there, 'empty'));
  expect(statSync(join(on.there, 'empty')).size).toBe(0);
  await on.download(join(on.there, 'empty'), 'back');
  expect(statSync(join(on.here, 'back')).size).toBe(0);
  const summary = await on.download('/proc/self/status', 'status');
  expect(readFileSync(join(on.here, 'status'), 'utf8')).toMatch(/^Name:/);
  expect(summary.pairs[0]?.bytes).toBe(statSync(join(on.here, 'status')).size);
});

test('a symlink as the source or at the target is followed', async () => {
  writeFileSync(join(on.here, 'real'), 'one');
  symlinkSync('real', join(on.here, 'link'));
  writeFileSync(join(on.there, 'target'), 'old');
  symlinkSync('target', join(on.there, 'current'));
  await on.upload('link', join(on.there, 'current'));
  expect(readFileSync(join(on.there, 'target'), 'utf8')).toBe('one');
  await on.download(join(on.there, 'current'), 'back');
  expect(readFileSync(join(on.here, 'back'), 'utf8')).toBe('one');
});

test('a transfer of what is there already sends nothing', async () => {
  writeFileSync(join(on.here, 'f'), randomBytes(100_000));
  await on.upload('f', join(on.there, 'f'));
  const again = await on.upload('f', join(on.there, 'f'));
  expect(again).toMatchObject({ files: 0, unchanged: 1, bytes: 0 });
  const back = await on.download(join(on.there, 'f'), 'f');
  expect(back).toMatchObject({ files: 0, unchanged: 1 });
});

test('failures: no such file, folder in the way, no permission, wrong side', async () => {
  await expect(on.upload('none', join(on.there, 'x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(on.download(join(on.there, 'none'), 'x')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { path: join(on.there, 'none') },
  });
  writeFileSync(join(on.there, 'f'), 'x');
  mkdirSync(join(on.here, 'd/f'), { recursive: true });
  await expect(on.download(join(on.there, 'f'), 'd/')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await expect(on.download(join(on.there, 'f'), '/etc/flotilla-x')).rejects.toMatchObject({
    code: 'DENIED',
    details: { roots: [on.here] },
  });
  expect(existsSync('/etc/flotilla-x')).toBe(false);
  await expect(on.upload('/etc/hostname', join(on.there, 'x'))).rejects.toMatchObject({ code: 'DENIED' });
  expect(busyChannels(on.links)).toBe(0);
});
