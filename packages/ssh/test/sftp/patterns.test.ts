import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPattern, parsePattern } from '../../src/sftp/transfer/pattern.ts';
import { createTransfers } from '../../src/sftp/transfers.ts';
import { transferSetup } from './helpers/transfer-setup.ts';

const on = transferSetup();

const TREE = [
  'a.log',
  'b.log',
  'c.txt',
  '.hidden.log',
  'sub/d.log',
  'sub/deep/e.log',
  'sub/f.txt',
  'x1',
  'x2',
  'x3',
  'lit[1]',
  'lit1',
];

function makeTree(root: string): void {
  mkdirSync(join(root, 'sub/deep'), { recursive: true });
  for (const path of TREE) writeFileSync(join(root, path), `content of ${path}`);
  symlinkSync('a.log', join(root, 'link.log'));
}

const filesOf = (root: string): string[] =>
  (readdirSync(root, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

const CASES: [string, string[]][] = [
  ['*.log', ['a.log', 'b.log', 'link.log']],
  ['**/*.log', ['a.log', 'b.log', 'link.log', 'sub/d.log', 'sub/deep/e.log']],
  ['sub/*', ['d.log', 'deep/e.log', 'f.txt']],
  ['{a,c}.*', ['a.log', 'c.txt']],
  ['x[1-2]', ['x1', 'x2']],
  ['x?', ['x1', 'x2', 'x3']],
  ['.hid*', ['.hidden.log']],
  ['lit[1]', ['lit[1]']],
  ['*/deep', ['sub/deep/e.log']],
];

describe.each(CASES)('%s', (pattern, expected) => {
  test('up', async () => {
    makeTree(on.here);
    await on.upload(pattern, join(on.there, 'to/'));
    expect(filesOf(join(on.there, 'to'))).toEqual(expected);
  });

  test('down', async () => {
    makeTree(on.there);
    await on.download(join(on.there, pattern), 'to/');
    expect(filesOf(join(on.here, 'to'))).toEqual(expected);
  });
});

test('a pattern without a match is NOT_FOUND with the reason; a wild one is refused', async () => {
  await expect(on.upload('*.nope', on.there)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(on.download(`${on.there}/*.nope`, '.')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(on.upload('*a*a*a*a*a*a*a*a*a*a*b', on.there)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test('several pairs: a bad one does not stop the others', async () => {
  makeTree(on.here);
  const files = [
    { local: '*.log', remote: `${on.there}/logs` },
    { local: 'missing', remote: `${on.there}/x` },
    { local: 'c.txt', remote: `${on.there}/c` },
    { local: '/etc/hostname', remote: `${on.there}/h` },
  ];
  const summary = await createTransfers(on.links)({
    alias: 'web1',
    direction: 'upload',
    files,
    access: on.access,
  });
  expect(summary.pairs.map((pair) => pair.files)).toEqual([2, 0, 1, 0]);
  expect(summary).toMatchObject({ files: 3, symlinks: 1, failed: 2 });
  expect(summary.failures.map((fault) => [fault.path, fault.code]).sort()).toEqual([
    ['/etc/hostname', 'DENIED'],
    ['missing', 'NOT_FOUND'],
  ]);
  expect(readFileSync(`${on.there}/c`, 'utf8')).toBe('content of c.txt');
});

test('property: what a pattern selects is below its base, and every parent of it is entered', () => {
  const name = fc.stringMatching(/^[a-c.]{1,3}$/).filter((text) => text !== '.' && text !== '..');
  const piece = fc.oneof(name, fc.constantFrom('*', '**', '?', 'a*', '[ab]', '{a,b}', '*.c'));
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.array(name, { minLength: 1, maxLength: 4 }),
      (glob, path) => {
        const pattern = glob.join('/');
        fc.pre(isPattern(pattern));
        const { base, selection } = parsePattern(pattern);
        expect(isPattern(base)).toBe(false);
        if (!selection.selects(path.join('/'))) return;
        for (let depth = 1; depth < path.length; depth++) {
          expect(selection.enters(path.slice(0, depth).join('/'))).toBe(true);
        }
      },
    ),
  );
});
