import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TransferOptions, TransferProgress } from '@flotilla/core';
import { startProxy, type TestProxy } from '@flotilla/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostLinks } from '../../src/links.ts';
import { createRemoteFiles } from '../../src/sftp/remote-files.ts';
import { partName } from '../../src/sftp/transfer/part-name.ts';
import { stagingName } from '../../src/sftp/transfer/staging.ts';
import { createTransfers } from '../../src/sftp/transfers.ts';
import { busyChannels, linksTo } from '../sftp/helpers/links.ts';
import { randomBytes, transferSetup } from '../sftp/helpers/transfer-setup.ts';

const on = transferSetup();
const SIZE = 64 * 1024 * 1024;

/** A signal that aborts, or a proxy that is cut, once this part has gone over. */
const atQuarter = (act: () => void) => {
  let done = false;
  return (progress: TransferProgress): void => {
    if (done || progress.bytes < SIZE / 4) return;
    done = true;
    act();
  };
};

describe.each(['upload', 'download'] as const)('an %s stopped in the middle', (direction) => {
  let proxy: TestProxy;
  let links: HostLinks;
  let from: string;
  let to: string;
  beforeEach(async () => {
    proxy = await startProxy({ port: on.sshd.port, delayMs: 20 });
    links = linksTo(on.sshd, { port: proxy.port });
    [from, to] = direction === 'upload' ? [on.here, on.there] : [on.there, on.here];
  });
  afterEach(async () => {
    await links.close();
    await proxy.stop();
  });
  const go = (options: TransferOptions = {}) =>
    createTransfers(links)(
      {
        alias: 'web1',
        direction,
        files: [{ local: join(on.here, 'big'), remote: join(on.there, 'big') }],
        access: on.access,
      },
      options,
    );

  test('by a lost connection: says so, and goes on from what is verified', async () => {
    const content = randomBytes(SIZE);
    writeFileSync(join(from, 'big'), content);
    const cut = go({ onProgress: atQuarter(() => proxy.cut()) });
    await expect(cut).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(readdirSync(to)).toEqual([expect.stringMatching(/^\.big\..*\.part$/)]);
    const summary = await go();
    expect(readFileSync(join(to, 'big')).equals(content)).toBe(true);
    expect(summary).toMatchObject({ files: 1, verified: 1, bytes: SIZE });
    if (direction === 'download') expect(summary.resumedBytes).toBeGreaterThan(SIZE / 8);
    expect(readdirSync(to)).toEqual(['big']);
  });

  test('by a cancel: keeps what can be resumed and says so', async () => {
    writeFileSync(join(from, 'big'), randomBytes(SIZE));
    const stop = new AbortController();
    const cancelled = go({ signal: stop.signal, onProgress: atQuarter(() => stop.abort()) });
    await expect(cancelled).rejects.toMatchObject({
      code: 'CANCELLED',
      details: { kept: expect.any(String) },
    });
    expect(existsSync(join(to, 'big'))).toBe(false);
    expect(busyChannels(links)).toBe(0);
    expect((await go()).resumedBytes).toBeGreaterThan(0);
    expect(statSync(join(to, 'big')).size).toBe(SIZE);
  });
});

const partOf = (name: string): string => partName(Buffer.from(name)).toString();

test('a left part is used as far as it is right, and not at all when it is wrong', async () => {
  const content = randomBytes(8 * 1024 * 1024);
  writeFileSync(join(on.here, 'f'), content);
  writeFileSync(join(on.there, partOf('f')), content.subarray(0, 5_000_000));
  expect(await on.upload('f', join(on.there, 'f'))).toMatchObject({ resumedBytes: 5_000_000, verified: 1 });
  expect(readFileSync(join(on.there, 'f')).equals(content)).toBe(true);
  writeFileSync(join(on.there, partOf('g')), randomBytes(5_000_000));
  expect(await on.upload('f', join(on.there, 'g'))).toMatchObject({ resumedBytes: 0, verified: 1 });
  expect(readFileSync(join(on.there, 'g')).equals(content)).toBe(true);
  writeFileSync(join(on.here, partOf('back')), content.subarray(0, 3_000_000));
  const back = await on.download(join(on.there, 'g'), 'back');
  expect(back).toMatchObject({ resumedBytes: 3_000_000, verified: 1 });
  writeFileSync(join(on.here, partOf('other')), Buffer.alloc(9_000_000));
  expect(await on.download(join(on.there, 'g'), 'other')).toMatchObject({ resumedBytes: 0, verified: 1 });
  expect(readFileSync(join(on.here, 'other')).equals(content)).toBe(true);
});

test('a part that is longer than the file, or a folder left by small files, is no obstacle', async () => {
  mkdirSync(join(on.here, 'd'));
  for (let i = 0; i < 5; i++) writeFileSync(join(on.here, `d/${i}`), `${i}`);
  writeFileSync(join(on.here, 'd/big'), randomBytes(2_000_000));
  mkdirSync(join(on.there, 'd'));
  writeFileSync(join(on.there, 'd', partOf('big')), randomBytes(3_000_000));
  const staging = join(on.there, 'd', stagingName(Buffer.from(join(on.there, 'd')), '0'));
  mkdirSync(staging);
  writeFileSync(join(staging, '0'), 'from before');
  expect(await on.upload('d', join(on.there, 'd'))).toMatchObject({ files: 6, failed: 0, resumedBytes: 0 });
  expect(readdirSync(join(on.there, 'd')).sort()).toEqual(['0', '1', '2', '3', '4', 'big']);
  expect(readFileSync(join(on.there, 'd/0'), 'utf8')).toBe('0');
});

test('a cancel before the start, and in the middle of many small files, leaves nothing', async () => {
  mkdirSync(join(on.here, 'd'));
  for (let i = 0; i < 3000; i++) writeFileSync(join(on.here, `d/${i}`), randomBytes(2000));
  await expect(on.upload('d', join(on.there, 'd'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  const stop = new AbortController();
  const upload = on.upload('d', join(on.there, 'd'), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(upload).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(existsSync(join(on.there, 'd')) ? readdirSync(join(on.there, 'd')) : []).toEqual([]);
  expect(busyChannels(on.links)).toBe(0);
});

test('a file that shrinks while it is read is not passed off as whole', async () => {
  writeFileSync(join(on.here, 'log'), randomBytes(SIZE));
  const upload = on.upload('log', join(on.there, 'log'), {
    onProgress: atQuarter(() => truncateSync(join(on.here, 'log'), 1000)),
  });
  await expect(upload).rejects.toMatchObject({
    code: 'TRANSFER_FAILED',
    details: { cause: 'source_changed' },
  });
  expect(readdirSync(on.there)).toEqual([]);
});

const root = userInfo().uid === 0;
describe.skipIf(!root)(
  `a full disk at the far end${root ? '' : ' (skipped: needs root to mount a tmpfs)'}`,
  () => {
    let disk: string;
    beforeEach(() => {
      disk = join(on.there, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    });
    afterEach(() => execFileSync('umount', [disk]));

    test('one big file', async () => {
      writeFileSync(join(on.here, 'big'), randomBytes(6_000_000));
      await expect(on.upload('big', join(disk, 'big'))).rejects.toMatchObject({
        code: 'TRANSFER_FAILED',
        details: { cause: 'disk_full' },
      });
      expect(readdirSync(disk)).toEqual([]);
    });

    test('many small files: what was there stays, nothing else is left', async () => {
      mkdirSync(join(on.here, 'd'));
      for (let i = 0; i < 60; i++) writeFileSync(join(on.here, `d/${i}`), randomBytes(100_000));
      mkdirSync(join(disk, 'd'));
      writeFileSync(join(disk, 'd/0'), 'old');
      await expect(on.upload('d', join(disk, 'd'))).rejects.toMatchObject({
        code: 'TRANSFER_FAILED',
        details: { cause: 'disk_full' },
      });
      expect(readdirSync(join(disk, 'd'))).toEqual(['0']);
      expect(readFileSync(join(disk, 'd/0'), 'utf8')).toBe('old');
    });

    test('on this side', async () => {
      writeFileSync(join(on.there, 'big'), randomBytes(6_000_000));
      const access = { roots: [disk], dataDir: on.access.dataDir };
      const files = [{ local: 'big', remote: join(on.there, 'big') }];
      await expect(
        createTransfers(on.links)({ alias: 'web1', direction: 'download', files, access }),
      ).rejects.toMatchObject({ code: 'TRANSFER_FAILED', details: { cause: 'disk_full' } });
      expect(readdirSync(disk)).toEqual([]);
    });

    test('a small write of RemoteFiles: STORAGE_FULL, the old file stays', async () => {
      const files = createRemoteFiles(on.links, 'web1');
      writeFileSync(join(disk, 'conf'), 'old');
      await expect(files.write(join(disk, 'conf'), randomBytes(6_000_000))).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
      expect(readdirSync(disk)).toEqual(['conf']);
      expect(readFileSync(join(disk, 'conf'), 'utf8')).toBe('old');
    });
  },
);
