import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProxy, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { createTransfers } from '../../src/sftp/transfers.ts';
import { linksTo } from '../sftp/helpers/links.ts';
import { randomBytes, transferSetup } from '../sftp/helpers/transfer-setup.ts';

const on = transferSetup();
const MIB = 1024 * 1024;
const LONG = 300_000;

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

test('256 MiB up and down, with checksums', { timeout: LONG }, async () => {
  writeFileSync(join(on.here, 'big'), randomBytes(256 * MIB));
  const up = await on.upload('big', join(on.there, 'big'));
  expect(up).toMatchObject({ files: 1, verified: 1, bytes: 256 * MIB });
  const down = await on.download(join(on.there, 'big'), 'back');
  expect(down).toMatchObject({ files: 1, verified: 1 });
  const sums = await Promise.all(
    [join(on.here, 'big'), join(on.there, 'big'), join(on.here, 'back')].map(sha256),
  );
  expect(new Set([...sums, up.pairs[0]?.sha256, down.pairs[0]?.sha256]).size).toBe(1);
});

test('3 GiB up and down: what lies past 2 GiB is in its place', { timeout: 2 * LONG }, async () => {
  const path = join(on.here, 'huge');
  writeFileSync(path, '');
  truncateSync(path, 3 * 1024 * MIB);
  const fd = openSync(path, 'r+');
  for (const at of [0, 2 ** 31 - 5, 2 ** 31 + 7, 3 * 1024 * MIB - 10]) writeSync(fd, `mark ${at % 97}`, at);
  const up = await on.upload('huge', join(on.there, 'huge'));
  expect(up).toMatchObject({ verified: 1, bytes: 3 * 1024 * MIB });
  const down = await on.download(join(on.there, 'huge'), 'back');
  expect(down).toMatchObject({ verified: 1, bytes: 3 * 1024 * MIB });
  expect(await sha256(join(on.here, 'back'))).toBe(await sha256(path));
});

test('2,000 files of 4 KiB, both ways', { timeout: LONG }, async () => {
  mkdirSync(join(on.here, 'many'));
  for (let i = 0; i < 2000; i++) writeFileSync(join(on.here, 'many', `f${i}`), randomBytes(4096));
  expect(await on.upload('many', join(on.there, 'many'))).toMatchObject({
    files: 2000,
    verified: 2000,
    failed: 0,
  });
  expect(await on.download(join(on.there, 'many'), 'back')).toMatchObject({ files: 2000, verified: 2000 });
  for (let i = 0; i < 2000; i += 97) {
    const [a, b] = ['many', 'back'].map((folder) => readFileSync(join(on.here, folder, `f${i}`)));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  }
});

test('a folder cut off in the middle goes on where it was', { timeout: LONG }, async () => {
  mkdirSync(join(on.here, 'd'));
  for (let i = 0; i < 40; i++) writeFileSync(join(on.here, 'd', `f${i}`), randomBytes(2 * MIB));
  const proxy = await startProxy({ port: on.sshd.port, delayMs: 5 });
  const links = linksTo(on.sshd, { port: proxy.port });
  const transfer = createTransfers(links);
  const request = {
    alias: 'web1',
    direction: 'upload' as const,
    files: [{ local: 'd', remote: join(on.there, 'd') }],
    access: on.access,
  };
  let cut = false;
  const first = transfer(request, {
    onProgress: ({ bytes, totalBytes }) => {
      if (cut || bytes < totalBytes / 2) return;
      cut = true;
      proxy.cut();
    },
  });
  await expect(first).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  const second = await transfer(request);
  expect(second).toMatchObject({ failed: 0 });
  expect(second.unchanged).toBeGreaterThan(5);
  expect(second.unchanged + second.files).toBe(40);
  expect(readdirSync(join(on.there, 'd'))).toHaveLength(40);
  await links.close();
  await proxy.stop();
});

test.each(['upload', 'download'])(
  '%s: the process is killed at half, another one resumes',
  { timeout: LONG },
  async (direction) => {
    const size = 192 * MIB;
    const [from, to] = direction === 'upload' ? [on.here, on.there] : [on.there, on.here];
    writeFileSync(join(from, 'big'), randomBytes(size));
    const script = fileURLToPath(new URL('./fixtures/transfer-process.ts', import.meta.url));
    const { host, port, user, keyPath } = on.sshd;
    const job = { host, port, user, keyPath, direction, here: on.here, there: on.there };
    const start = () =>
      spawn(process.execPath, ['--conditions=@flotilla/source', script, JSON.stringify(job)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const killed = start();
    const part = () => readdirSync(to).find((name) => name.endsWith('.part'));
    await waitFor(() => part() !== undefined && statSync(join(to, part() ?? '')).size > size / 2, {
      timeoutMs: 60_000,
      intervalMs: 2,
      what: 'half of the file',
    });
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(join(to, 'big'))).toBe(false);
    const resumed = start();
    const out: Buffer[] = [];
    resumed.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    const [code] = await once(resumed, 'close');
    expect(code).toBe(0);
    const summary = JSON.parse(Buffer.concat(out).toString());
    expect(summary).toMatchObject({ files: 1, verified: 1 });
    expect(summary.resumedBytes).toBeGreaterThan(size / 8);
    expect(await sha256(join(on.here, 'big'))).toBe(await sha256(join(on.there, 'big')));
    expect(readdirSync(to)).toEqual(['big']);
  },
);
