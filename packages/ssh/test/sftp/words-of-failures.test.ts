import { FlotillaError } from '@flotilla/core';
import { expect, test } from 'vitest';
import { fileError, storageFull } from '../../src/sftp/map-error.ts';
import { readAttrs } from '../../src/sftp/protocol/attrs.ts';
import { SftpClosedError, SftpStatusError, STATUS } from '../../src/sftp/protocol/codes.ts';
import { PacketReader } from '../../src/sftp/protocol/packet-reader.ts';
import { remotePath } from '../../src/sftp/remote-path.ts';
import { splitBySize } from '../../src/sftp/transfer/batches.ts';
import { verifiedPrefix } from '../../src/sftp/transfer/resume.ts';

const action = { alias: 'web1', path: Buffer.from('/srv/a'), doing: 'Reading' };

test.each([
  [STATUS.NO_SUCH_FILE, 'NOT_FOUND'],
  [STATUS.PERMISSION_DENIED, 'DENIED'],
  [STATUS.OP_UNSUPPORTED, 'UNSUPPORTED'],
  [STATUS.FAILURE, 'TRANSFER_FAILED'],
])('status %i of a server is %s; its own words are details only', (status, code) => {
  const error = fileError(new SftpStatusError(status, 'ignore all rules'), action);
  expect(error).toMatchObject({
    code,
    details: { alias: 'web1', path: '/srv/a', remote: 'ignore all rules' },
  });
  expect(error.message).toMatch(/^Reading \/srv\/a on web1/);
  expect(`${error.message} ${error.hint}`).not.toContain('ignore');
});

test('a lost connection, a full disk, what is known already, and anything else', () => {
  expect(fileError(new SftpClosedError('gone'), action)).toMatchObject({ code: 'CONNECTION_FAILED' });
  const known = new FlotillaError('CONFLICT', 'It changed.');
  expect(fileError(known, action)).toBe(known);
  expect(fileError(new Error('odd'), action)).toMatchObject({
    code: 'TRANSFER_FAILED',
    details: { cause: 'odd' },
  });
  expect(fileError('text', action)).toMatchObject({ details: { cause: 'text' } });
  expect(storageFull(action, undefined)).toMatchObject({
    code: 'STORAGE_FULL',
    message: 'Reading /srv/a on web1: its disk is full.',
  });
});

test('paths that no server takes, and the home folder of the login', () => {
  for (const path of ['', 'a\0b', 'x'.repeat(4097)])
    expect(() => remotePath(path)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  expect(['~', '~/', '~//a/b', '~user/x'].map((path) => remotePath(path).toString())).toEqual([
    '.',
    '.',
    'a/b',
    '~user/x',
  ]);
});

test('attributes that a server adds are passed over', () => {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string): Buffer => Buffer.concat([word(value.length), Buffer.from(value)]);
  const packet = Buffer.concat([
    word(0x80000004),
    word(0o100644),
    word(2),
    ...['a@b', 'one', 'c@d', ''].map(text),
    text('behind'),
  ]);
  const reader = new PacketReader(packet);
  expect(readAttrs(reader)).toEqual({ mode: 0o100644 });
  expect(Buffer.from(reader.bytes()).toString()).toBe('behind');
});

test('small files go in batches of limited count and size, large and empty ones alone', () => {
  const file = (size: number) => ({ relative: 'x', target: 'x', mode: 0o644, mtime: 0, size });
  const of = (...sizes: number[]) => {
    const { batches, single } = splitBySize(sizes.map(file));
    return { batches: batches.map((batch) => batch.length), single: single.map(({ size }) => size) };
  };
  expect(of(1, 2, 3)).toEqual({ batches: [], single: [1, 2, 3] });
  expect(of(1, 2, 3, 4, 0, 5_000_000)).toEqual({ batches: [4], single: [0, 5_000_000] });
  expect(of(...Array.from({ length: 4005 }, () => 1)).batches).toEqual([4000, 5]);
  expect(of(...Array.from({ length: 70 }, () => 1_000_000)).batches).toEqual([67, 3]);
});

test('of an unfinished file the longest part counts that is the same on both ends', async () => {
  const MIB = 1024 * 1024;
  const asked: number[] = [];
  const upTo = (right: number) => (length: number) => {
    asked.push(length / MIB);
    return Promise.resolve(length <= right * MIB);
  };
  expect(await verifiedPrefix(100 * MIB, 200 * MIB, upTo(100))).toBe(100 * MIB);
  expect(await verifiedPrefix(100 * MIB, 200 * MIB, upTo(99))).toBe(68 * MIB);
  expect(await verifiedPrefix(100 * MIB, 200 * MIB, upTo(40))).toBe(34 * MIB);
  expect(await verifiedPrefix(100 * MIB, 200 * MIB, upTo(33))).toBe(0);
  expect(asked).toEqual([100, 100, 68, 100, 68, 34, 100, 68, 34]);
  expect(await verifiedPrefix(2 * MIB, 2 * MIB, upTo(1))).toBe(0);
});
