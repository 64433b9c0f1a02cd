import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSums } from '../../src/sftp/transfer/sums-on-host.ts';
import { BLOCK, checksum, padding, tarNumber, writeTarHeader } from '../../src/sftp/transfer/tar-format.ts';
import { TarReader } from '../../src/sftp/transfer/tar-reader.ts';

/** Reads a stream cut into pieces of this size; gives what arrived by name. */
function readAll(
  stream: Buffer,
  options: { piece?: number; max?: number; skip?: string } = {},
): Map<string, string> {
  const found = new Map<string, string>();
  const reader = new TarReader(
    {
      wants: ({ name }) => name !== options.skip,
      entry: ({ name }, content) => found.set(name, content.toString('latin1')),
    },
    options.max ?? 1e9,
  );
  const piece = options.piece ?? stream.length;
  for (let at = 0; at < stream.length; at += piece) reader.push(stream.subarray(at, at + piece));
  return found;
}

const entry = (name: string, content: string, change?: (header: Buffer) => void): Buffer => {
  const header = Buffer.alloc(BLOCK);
  writeTarHeader(header, { name, size: content.length, mode: 0o644, mtime: 1 });
  change?.(header);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(padding(content.length))]);
};

test.each(['gnu', 'posix', 'ustar', 'v7'])('what GNU tar writes as %s, in pieces of any size', (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-tar-'));
  const long = `${'n'.repeat(90)}/${'m'.repeat(90)}`;
  mkdirSync(join(folder, 'n'.repeat(90)));
  const names = format === 'v7' ? ['a', 'b c'] : ['a', 'b c', long];
  for (const name of names) writeFileSync(join(folder, name), `content of ${name}`.repeat(30));
  symlinkSync('a', join(folder, 'link'));
  writeFileSync(join(folder, 'empty'), '');
  const all = [...names, 'empty', 'link'];
  const stream = execFileSync('tar', ['-cf', '-', `--format=${format}`, ...all], { cwd: folder });
  const expected = new Map([
    ...names.map((name) => [name, `content of ${name}`.repeat(30)] as const),
    ['empty', ''],
  ]);
  for (const piece of [1, 7, 511, 512, 513, 4096, stream.length])
    expect(readAll(stream, { piece })).toEqual(expected);
  rmSync(folder, { recursive: true });
});

test('what we write, GNU tar unpacks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-tar-'));
  const stream = Buffer.concat([entry('0', 'zero'), entry('17', ''), Buffer.alloc(1024)]);
  expect(execFileSync('tar', ['-tvf', '-'], { input: stream, encoding: 'utf8' })).toMatch(
    /-rw-r--r-- .* 4 .* 0\n-rw-r--r-- .* 0 .* 17\n/,
  );
  rmSync(folder, { recursive: true });
});

test('hostile archives', () => {
  const bad = { code: 'TRANSFER_FAILED', details: { cause: 'bad_archive' } };
  const cases: [string, Buffer][] = [
    ['a wrong checksum', Buffer.concat([entry('x', 'y').fill(0x41, 0, 3), Buffer.alloc(1024)])],
    ['a size that is no number', entry('x', 'y', (header) => header.write('zzzzzzzzzzz\0', 124))],
    [
      'a name of 64 MiB',
      entry('x', '', (header) => {
        header.write('L', 156);
        header.write('00400000000\0', 124);
      }),
    ],
    ['a negative base-256 size', entry('x', '', (header) => header.fill(0xff, 124, 136))],
  ];
  for (const [what, stream] of cases) {
    try {
      readAll(stream);
      expect.unreachable(what);
    } catch (error) {
      expect(error, what).toMatchObject(bad);
    }
  }
  expect(() => readAll(Buffer.concat([entry('a', 'x'.repeat(5000))]), { max: 1000 })).toThrow();
});

test('links, devices and folders are skipped whatever size they claim, and what follows is read', () => {
  const special = [...'123456'].map((type) => entry(`t${type}`, '', (header) => header.write(type, 156)));
  const claiming = entry('claims', '', (header) => {
    header.write('1', 156);
    header.write('00000007777\0', 124);
  });
  const stream = Buffer.concat([
    ...special,
    claiming,
    entry('../../etc/passwd', 'evil'),
    entry('after', 'ok'),
    Buffer.alloc(1024),
    entry('another archive', 'too'),
    Buffer.alloc(2048),
  ]);
  expect(readAll(stream, { skip: '../../etc/passwd' })).toEqual(
    new Map([
      ['after', 'ok'],
      ['another archive', 'too'],
    ]),
  );
});

test('property: random bytes never hang or crash in another way than by being refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 700 }), (bytes, piece) => {
      const stream = Buffer.concat([entry('first', 'one'), Buffer.from(bytes)]);
      try {
        expect(readAll(stream, { piece }).get('first')).toBe('one');
      } catch (error) {
        expect(error).toMatchObject({ code: 'TRANSFER_FAILED' });
      }
    }),
  );
});

test('numbers: octal, base 256, rubbish', () => {
  expect(tarNumber(Buffer.from('00000000017\0'))).toBe(15);
  expect(tarNumber(Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]))).toBe(2 ** 32);
  expect(tarNumber(Buffer.from('           \0'))).toBe(0);
  expect(tarNumber(Buffer.from('99\0'))).toBeNaN();
  expect(padding(BLOCK)).toBe(0);
});

test.each([['sha256sum'], ['openssl dgst -sha256 -r']])(
  'property: sums of files with any names are read as %s writes them',
  (program) => {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-sums-'));
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((bytes) =>
        Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x0a : byte))).toString('latin1'),
      )
      .filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
        for (const each of names) writeFileSync(Buffer.from(`${folder}/${each}`, 'latin1'), each);
        const input = Buffer.from(`${names.map((each) => `./${each}\0`).join('')}./missing\0`, 'latin1');
        const output = execFileSync('sh', ['-c', `xargs -0 ${program} 2>/dev/null || true`], {
          cwd: folder,
          input,
        });
        const sums = parseSums(output.toString('latin1'), [...names, 'missing']);
        expect([...sums.keys()]).toEqual(names);
        for (const each of names) rmSync(Buffer.from(`${folder}/${each}`, 'latin1'));
      }),
      { numRuns: 60 },
    );
    rmSync(folder, { recursive: true });
  },
);
