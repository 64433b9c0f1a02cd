import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalAccess, Transfer } from '@flotilla/core';
import { createUser, startSshd, type TestSshd, type TestUser, tempDir, whyNoUsers } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostLinks } from '../../src/links.ts';
import { createRemoteFiles } from '../../src/sftp/remote-files.ts';
import { createTransfers } from '../../src/sftp/transfers.ts';
import { linksTo } from './helpers/links.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(`what a login may not${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const folder = tempDir('flotilla-rights-');
  const access: LocalAccess = { roots: [join(folder.path, 'here')], dataDir: join(folder.path, 'data') };
  const here = join(folder.path, 'here');
  let user: TestUser;
  let sshd: TestSshd;
  let links: HostLinks;
  let transfer: Transfer;
  let there = '';
  beforeAll(async () => {
    user = createUser();
    sshd = await startSshd({ user: user.name });
    links = linksTo(sshd);
    transfer = createTransfers(links);
    chmodSync(folder.path, 0o755);
    mkdirSync(here);
    mkdirSync(access.dataDir);
    for (let i = 0; i < 6; i++) {
      mkdirSync(join(here, 'd'), { recursive: true });
      writeFileSync(join(here, `d/${i}`), `content ${i}`);
    }
  });
  afterAll(async () => {
    await links?.close();
    await sshd?.stop();
    user?.remove();
    folder.remove();
  });
  let count = 0;
  /** Of the user, on the host. */
  beforeEach(() => {
    there = join(folder.path, `there${count++}`);
    mkdirSync(there);
    chownSync(there, user.uid, user.uid);
  });
  const upload = (local: string, remote: string) =>
    transfer({ alias: 'web1', direction: 'upload', files: [{ local, remote }], access });
  const download = (remote: string, local: string) =>
    transfer({ alias: 'web1', direction: 'download', files: [{ local, remote }], access });

  test('it may not give a file to its owner: the file stays as it was', async () => {
    const path = join(there, 'f');
    writeFileSync(path, 'of root', { mode: 0o666 });
    chmodSync(path, 0o666);
    const files = createRemoteFiles(links, 'web1');
    await expect(files.write(path, Buffer.from('x'))).rejects.toMatchObject({
      code: 'DENIED',
      details: { uid: 0 },
    });
    expect(readFileSync(path, 'utf8')).toBe('of root');
    expect(readdirSync(there)).toEqual(['f']);
  });

  test('it may not write into a folder: neither many files nor one', async () => {
    chownSync(there, 0, 0);
    await expect(upload('d', there.concat('/'))).rejects.toMatchObject({ code: 'DENIED' });
    mkdirSync(join(there, 'd'));
    await expect(upload('d/', join(there, 'd'))).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
    await expect(upload('d/1', join(there, 'f'))).rejects.toMatchObject({ code: 'DENIED' });
    expect(readdirSync(there, { recursive: true })).toEqual(['d']);
  });

  test('it may not read a folder, or a file, below another one: the rest comes', async () => {
    mkdirSync(join(there, 'secret'), { mode: 0o700 });
    writeFileSync(join(there, 'own'), 'own');
    writeFileSync(join(there, 'not'), 'not', { mode: 0o600 });
    const summary = await download(there, 'back');
    expect(summary).toMatchObject({ files: 1, failed: 2 });
    expect(summary.failures.map(({ path, code }) => [path, code]).sort()).toEqual([
      [join(there, 'not'), 'DENIED'],
      [join(there, 'secret'), 'DENIED'],
    ]);
    await expect(download(join(there, 'secret'), 'nothing')).rejects.toMatchObject({ code: 'DENIED' });
  });
});
