import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRemoteFiles } from '../../src/sftp/remote-files.ts';
import { randomBytes, transferSetup } from './helpers/transfer-setup.ts';

// OpenSSH without what it has beyond the draft, as plain servers are: rename does not replace there.
const on = transferSetup(['ForceCommand internal-sftp -P posix-rename,fsync,statvfs,limits']);

test('a file that is there is replaced, with its mode, and nothing is left beside it', async () => {
  const path = join(on.there, 'f');
  writeFileSync(path, 'old', { mode: 0o640 });
  const files = createRemoteFiles(on.links, 'web1');
  await files.write(path, Buffer.from('new'));
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  const content = randomBytes(1_300_000);
  writeFileSync(join(on.here, 'f'), content);
  expect(await on.upload('f', path)).toMatchObject({ files: 1, failed: 0 });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(readdirSync(on.there)).toEqual(['f']);
});

test('a folder of files is put over another one, and comes back', async () => {
  for (const [side, word] of [
    [on.here, 'new'],
    [on.there, 'old'],
  ] as const) {
    mkdirSync(join(side, 'd'));
    for (let i = 0; i < 6; i++) writeFileSync(join(side, `d/${i}`), `${word} ${i}`);
    symlinkSync(`to-${word}`, join(side, 'd/link'));
  }
  await on.upload('d', join(on.there, 'd'));
  expect(readdirSync(join(on.there, 'd')).sort()).toEqual(['0', '1', '2', '3', '4', '5', 'link']);
  expect(readFileSync(join(on.there, 'd/3'), 'utf8')).toBe('new 3');
  expect(await on.download(join(on.there, 'd'), 'back')).toMatchObject({ files: 6, failed: 0 });
  expect(readFileSync(join(on.here, 'back/5'), 'utf8')).toBe('new 5');
});

test('what cannot be put into its place leaves the old file where it was', async () => {
  mkdirSync(join(on.there, 'd/f'), { recursive: true });
  writeFileSync(join(on.there, 'd/f/kept'), 'kept');
  const files = createRemoteFiles(on.links, 'web1');
  await expect(files.write(join(on.there, 'd/f'), Buffer.from('x'))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  const long = join(on.there, 'n'.repeat(300));
  await expect(files.write(long, Buffer.from('x'))).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
  expect(readdirSync(join(on.there, 'd'), { recursive: true }).sort()).toEqual(['f', 'f/kept']);
});
