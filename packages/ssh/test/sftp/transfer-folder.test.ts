import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { busyChannels } from './helpers/links.ts';
import { randomBytes, transferSetup } from './helpers/transfer-setup.ts';

const NAMES = [
  'plain',
  'with space',
  'quo\'te"s',
  'new\nline',
  '-rf',
  'ünïcode',
  '$(id)`x`;&|',
  'back\\slash',
  '*?[x]{a}',
];

/** Every kind of thing a folder can hold, with odd names; the same tree for each direction. */
function makeTree(root: string): Buffer[] {
  const names = [...NAMES.map((name) => Buffer.from(name)), Buffer.from([0x63, 0xe9, 0xff, 0x0a])];
  mkdirSync(join(root, 'sub/deep er'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  names.forEach((name, index) => {
    const path = Buffer.concat([Buffer.from(`${root}/`), name]);
    writeFileSync(path, `content ${index}`);
    chmodSync(path, index % 2 ? 0o755 : 0o640);
    utimesSync(path, 1_500_000_000 + index, 1_500_000_000 + index);
  });
  writeFileSync(join(root, 'sub/deep er/x'), randomBytes(10_000));
  writeFileSync(join(root, 'sub/none'), '');
  writeFileSync(join(root, 'big'), randomBytes(2_500_000));
  symlinkSync('sub/none', join(root, 'link'));
  symlinkSync('/etc/passwd', join(root, 'sub/outside'));
  symlinkSync('nowhere', join(root, 'dangling'));
  symlinkSync('sub', join(root, 'folderlink'));
  chmodSync(join(root, 'empty'), 0o711);
  utimesSync(join(root, 'empty'), 1_400_000_000, 1_400_000_000);
  return names;
}

function sameTree(from: string, to: string): void {
  const list = (root: string) =>
    (readdirSync(root, { recursive: true, encoding: 'latin1' }) as string[]).sort();
  expect(list(to)).toEqual(list(from));
  for (const relative of list(from)) {
    const [a, b] = [from, to].map((root) =>
      Buffer.concat([Buffer.from(`${root}/`), Buffer.from(relative, 'latin1')]),
    );
    if (!a || !b) throw new Error('no path');
    const [one, two] = [lstatSync(a), lstatSync(b)];
    if (one.isSymbolicLink()) expect(readlinkSync(b)).toBe(readlinkSync(a));
    else {
      expect(two.mode, relative).toBe(one.mode);
      expect(Math.floor(two.mtimeMs / 1000), relative).toBe(Math.floor(one.mtimeMs / 1000));
      if (one.isFile()) expect(readFileSync(b).equals(readFileSync(a)), relative).toBe(true);
    }
  }
}

describe.each([
  ['everything a host can have', []],
  ['SFTP alone', ['ForceCommand internal-sftp']],
])('a folder, host with %s', (name, config) => {
  const on = transferSetup(config);

  test('up: modes, times, symlinks, odd names, empty files and folders', async () => {
    makeTree(on.here);
    const summary = await on.upload('.', join(on.there, 'copy'));
    sameTree(on.here, join(on.there, 'copy'));
    expect(summary).toMatchObject({ failed: 0, files: 13, symlinks: 4, folders: 4, verified: 13 });
    const again = await on.upload('.', join(on.there, 'copy'));
    expect(again).toMatchObject(name === 'SFTP alone' ? { failed: 0 } : { files: 0, unchanged: 13 });
    if (name !== 'SFTP alone') sameTree(on.here, join(on.there, 'copy'));
    expect(busyChannels(on.links)).toBe(0);
  });

  test('down: the same', async () => {
    makeTree(on.there);
    const summary = await on.download(on.there, 'copy');
    sameTree(on.there, join(on.here, 'copy'));
    expect(summary).toMatchObject({ failed: 0, files: 13, symlinks: 4, folders: 4, verified: 13 });
    const again = await on.download(on.there, 'copy');
    expect(again).toMatchObject(name === 'SFTP alone' ? { failed: 0 } : { files: 0, unchanged: 13 });
    if (name !== 'SFTP alone') sameTree(on.there, join(on.here, 'copy'));
    expect(busyChannels(on.links)).toBe(0);
  });
});

describe('a folder', () => {
  const on = transferSetup();

  test('a slash at the end of the target puts the folder into it, one at the end of the source means its content', async () => {
    mkdirSync(join(on.here, 'site'));
    writeFileSync(join(on.here, 'site/index.html'), 'x');
    await on.upload('site', `${on.there}/www/`);
    await on.upload('site/', `${on.there}/flat/`);
    await on.upload('site', `${on.there}/named`);
    expect(readFileSync(join(on.there, 'www/site/index.html'), 'utf8')).toBe('x');
    expect(readFileSync(join(on.there, 'flat/index.html'), 'utf8')).toBe('x');
    expect(readFileSync(join(on.there, 'named/index.html'), 'utf8')).toBe('x');
    await on.download(join(on.there, 'www'), 'in/');
    await on.download(`${on.there}/www/`, 'flat/');
    expect(readFileSync(join(on.here, 'in/www/site/index.html'), 'utf8')).toBe('x');
    expect(readFileSync(join(on.here, 'flat/site/index.html'), 'utf8')).toBe('x');
  });

  test('merging keeps what is not in the source, and the mode of folders that were there', async () => {
    mkdirSync(join(on.here, 'd/sub'), { recursive: true });
    for (let i = 0; i < 6; i++) writeFileSync(join(on.here, `d/sub/${i}`), `new ${i}`);
    mkdirSync(join(on.there, 'd/sub'), { recursive: true });
    chmodSync(join(on.there, 'd'), 0o700);
    writeFileSync(join(on.there, 'd/sub/0'), 'old');
    writeFileSync(join(on.there, 'd/sub/mine'), 'mine');
    await on.upload('d', join(on.there, 'd'));
    expect(readFileSync(join(on.there, 'd/sub/0'), 'utf8')).toBe('new 0');
    expect(readFileSync(join(on.there, 'd/sub/mine'), 'utf8')).toBe('mine');
    expect(statSync(join(on.there, 'd')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(on.there, 'd')).sort()).toEqual(['sub']);
  });

  test('one bad file is a fault, the others arrive', async () => {
    mkdirSync(join(on.here, 'd'));
    for (let i = 0; i < 8; i++) writeFileSync(join(on.here, `d/${i}`), `${i}`);
    mkdirSync(join(on.there, 'd/3'), { recursive: true });
    const summary = await on.upload('d', join(on.there, 'd'));
    expect(summary).toMatchObject({ files: 7, failed: 1 });
    expect(summary.failures).toMatchObject([{ path: join(on.there, 'd/3'), code: 'ALREADY_EXISTS' }]);
    mkdirSync(join(on.here, 'back/5'), { recursive: true });
    const down = await on.download(join(on.there, 'd'), 'back');
    expect(down).toMatchObject({ files: 6, failed: 1, failures: [{ code: 'ALREADY_EXISTS' }] });
  });

  test('a file in the way of a folder is a fault for the folder and what is in it', async () => {
    mkdirSync(join(on.here, 'd/sub'), { recursive: true });
    for (const name of ['a', 'b', 'c', 'd', 'sub/x']) writeFileSync(join(on.here, 'd', name), name);
    mkdirSync(join(on.there, 'd'));
    writeFileSync(join(on.there, 'd/sub'), 'a file');
    const summary = await on.upload('d', join(on.there, 'd'));
    expect(summary).toMatchObject({ files: 4, failed: 2 });
    expect(summary.failures[0]).toMatchObject({ path: join(on.there, 'd/sub'), code: 'ALREADY_EXISTS' });
  });

  test('pipes are said and not opened', async () => {
    const { execFileSync } = await import('node:child_process');
    mkdirSync(join(on.there, 'd'));
    writeFileSync(join(on.there, 'd/f'), 'x');
    execFileSync('mkfifo', [join(on.there, 'd/pipe')]);
    const summary = await on.download(join(on.there, 'd'), 'd');
    expect(summary).toMatchObject({ files: 1, failed: 1, failures: [{ code: 'UNSUPPORTED' }] });
    execFileSync('mkfifo', [join(on.here, 'd/pipe')]);
    const up = await on.upload('d', join(on.there, 'up'));
    expect(up).toMatchObject({ files: 1, failed: 1, failures: [{ code: 'UNSUPPORTED' }] });
  });
});
