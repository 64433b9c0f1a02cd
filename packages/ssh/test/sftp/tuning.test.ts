import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { startSshd } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { runRemote } from '../../src/sftp/transfer/remote-command.ts';
import { coalesceWrites } from '../../src/sftp/tuning/coalesce-writes.ts';
import { disposeOnceSent, disposeOwn, disposeReceived, isDisposable } from '../../src/sftp/tuning/dispose.ts';
import { tuneGcm } from '../../src/sftp/tuning/gcm.ts';
import { linksTo } from './helpers/links.ts';
import { randomBytes } from './helpers/transfer-setup.ts';

test.each([
  ['aes128-gcm@openssh.com', []],
  ['aes256-gcm@openssh.com', ['RekeyLimit 4M']],
  ['aes128-ctr', []],
])('%s %s: 20 MB there and back through the shell are the same', async (cipher, config) => {
  const sshd = await startSshd({ config: [`Ciphers ${cipher}`, ...config] });
  const links = linksTo(sshd);
  const content = randomBytes(20_000_003);
  const back = await runRemote(links, 'web1', 'cat', { input: content });
  const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  expect(back.stdout.length).toBe(content.length);
  expect(sum(back.stdout)).toBe(sum(content));
  for (let size = 0; size < 40; size++) {
    const { stdout } = await runRemote(links, 'web1', 'cat', { input: content.subarray(0, size) });
    expect(stdout.equals(content.subarray(0, size))).toBe(true);
  }
  await links.close();
  await sshd.stop();
});

test('the cipher is the tuned one', () => {
  expect(tuneGcm()).toBe(true);
});

test('writes of one turn go out together and in order', async () => {
  const socket = new PassThrough();
  const batches: string[] = [];
  socket._writev = (chunks, done) => {
    batches.push(chunks.map(({ chunk }) => String(chunk)).join(''));
    done();
  };
  coalesceWrites(socket);
  socket.write('a');
  socket.write('b');
  await new Promise((resolve) => setImmediate(resolve));
  socket.write('c');
  socket.end('d');
  await new Promise((resolve) => socket.once('finish', resolve));
  expect(batches).toEqual(['ab', 'cd']);
});

test('only memory that nobody else uses is given back', () => {
  const own = Buffer.from(new ArrayBuffer(20_000));
  const sliced = Buffer.from(new ArrayBuffer(40_000)).subarray(0, 20_000);
  const small = Buffer.from(new ArrayBuffer(100));
  for (const buffer of [own, sliced, small]) {
    disposeOwn(buffer);
    disposeOnceSent(buffer);
  }
  expect([own.length, sliced.length, small.length]).toEqual([0, 20_000, 100]);
  expect(isDisposable(sliced)).toBe(false);
  const packet = Buffer.from(new ArrayBuffer(20_030));
  disposeReceived(packet.subarray(10, 18_000));
  expect(packet.length).toBe(20_030);
  disposeReceived(packet.subarray(10, 20_020));
  expect(packet.length).toBe(0);
});
