import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalAccess, TransferOptions, TransferSummary } from '@flotilla/core';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { HostLinks } from '../../../src/links.ts';
import { createTransfers } from '../../../src/sftp/transfers.ts';
import { linksTo } from './links.ts';

export interface TransferSetup {
  sshd: TestSshd;
  links: HostLinks;
  /** The allowed local folder, and the folder that plays the host. */
  here: string;
  there: string;
  access: LocalAccess;
  upload(local: string, remote: string, options?: TransferOptions): Promise<TransferSummary>;
  download(remote: string, local: string, options?: TransferOptions): Promise<TransferSummary>;
}

/** A real sshd and fresh folders for each test. */
export function transferSetup(config: readonly string[] = []): TransferSetup {
  const setup = {} as TransferSetup;
  beforeAll(async () => {
    setup.sshd = await startSshd({ config });
    setup.links = linksTo(setup.sshd);
    const transfer = createTransfers(setup.links);
    const go =
      (direction: 'upload' | 'download') =>
      (local: string, remote: string, options?: TransferOptions): Promise<TransferSummary> =>
        transfer({ alias: 'web1', direction, files: [{ local, remote }], access: setup.access }, options);
    setup.upload = go('upload');
    setup.download = (remote, local, options) => go('download')(local, remote, options);
  });
  afterAll(async () => {
    await setup.links.close();
    await setup.sshd.stop();
  });
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-transfer-'));
    setup.here = join(folder, 'here');
    setup.there = join(folder, 'there');
    for (const path of [setup.here, setup.there, join(folder, 'data')]) mkdirSync(path);
    setup.access = { roots: [setup.here], dataDir: join(folder, 'data') };
    return () => rmSync(folder, { recursive: true, force: true });
  });
  return setup;
}

export const randomBytes = (size: number): Buffer => randomFillSync(Buffer.allocUnsafe(size));
