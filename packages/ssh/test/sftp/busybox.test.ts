import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalAccess, Transfer } from '@flotilla/core';
import { type BusyboxHost, startBusyboxHost, tempDir, whyNoBusybox } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostLinks } from '../../src/links.ts';
import { createTransfers } from '../../src/sftp/transfers.ts';
import { linksTo } from './helpers/links.ts';
import { randomBytes } from './helpers/transfer-setup.ts';

const reason = whyNoBusybox();
const title = reason === undefined ? '' : ` (skipped: ${reason})`;

describe.skipIf(reason !== undefined).each([
  ['everything', []],
  ['no tar', ['tar']],
  ['no tar and no sha256sum', ['tar', 'sha256sum']],
  ['no xargs', ['xargs']],
])(`a busybox host with %s${title}`, (name, without) => {
  let host: BusyboxHost;
  let links: HostLinks;
  let transfer: Transfer;
  const here = tempDir('flotilla-busybox-');
  const access: LocalAccess = { roots: [here.path], dataDir: join(here.path, '.data') };
  beforeAll(async () => {
    host = await startBusyboxHost({ without });
    links = linksTo(host);
    transfer = createTransfers(links);
    mkdirSync(join(here.path, 'd/sub'), { recursive: true });
    for (let i = 0; i < 20; i++) writeFileSync(join(here.path, 'd', `f ${i}`), randomBytes(1000 * i));
    for (const odd of ['new\nline', 'q\'"', '-x', 'ü']) writeFileSync(join(here.path, 'd/sub', odd), odd);
    writeFileSync(Buffer.concat([Buffer.from(join(here.path, 'd/raw')), Buffer.from([0xe9])]), 'raw');
    writeFileSync(join(here.path, 'd/big'), randomBytes(3_000_000));
    symlinkSync('big', join(here.path, 'd/link'));
  });
  afterAll(async () => {
    await links?.close();
    await host?.stop();
    here.remove();
  });

  test('a folder up and down again is the same', async () => {
    const go = (direction: 'upload' | 'download', local: string) =>
      transfer({ alias: 'web1', direction, files: [{ local, remote: '~/copy' }], access });
    const up = await go('upload', 'd');
    expect(up).toMatchObject({ files: 26, failed: 0, symlinks: 1 });
    const down = await go('download', 'back');
    expect(down).toMatchObject({ files: 26, failed: 0, symlinks: 1 });
    const list = (root: string): string[] =>
      (readdirSync(join(here.path, root), { recursive: true, encoding: 'latin1' }) as string[]).sort();
    expect(list('back')).toEqual(list('d'));
    for (const path of list('d').filter((each) => each !== 'sub')) {
      const [a, b] = ['d', 'back'].map((root) =>
        readFileSync(Buffer.from(`${here.path}/${root}/${path}`, 'latin1')),
      );
      expect(a?.equals(b ?? Buffer.alloc(0)), path).toBe(true);
    }
    expect(up.verified, name).toBe(26);
    expect(down.verified, name).toBe(26);
    rmSync(join(here.path, 'back'), { recursive: true });
  });
});
