import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecord } from '@flotilla/core';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run } from '../support/run.ts';

const folder = tempDir();
const { later, links } = cleanup();
let sshd: TestSshd;
let serial = 0;
beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
});
afterAll(async () => {
  await sshd.stop();
  folder.remove();
});

function setUp(record: Partial<HostRecord> = {}, knownHosts?: string) {
  const directory = testDirectory({ ...hostOf(sshd), ...record });
  const path = join(folder.path, `known_hosts_${++serial}`);
  if (knownHosts !== undefined) writeFileSync(path, knownHosts);
  return { directory, path, links: links({ directory, settings: { knownHostsPaths: [path] } }) };
}

const name = (): string => `[${sshd.host}]:${sshd.port}`;
const keyOf = (type: string): string => sshd.hostKeys.find((line) => line.startsWith(type)) ?? '';
const ANOTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA4lNp7Qn9YyEzB0J4pYl1JwWzXy3X2Uq5bqS0Z8m1kX';

/** Tells that the server was never asked to let anybody in since `mark`. */
const nothingSent = (mark: number): void =>
  expect(sshd.log().slice(mark)).not.toMatch(/publickey|password|Accepted|Failed|user/i);

test('an unknown key is pinned; the same key is accepted from then on', async () => {
  const { directory, links: all } = setUp();
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  expect(directory.record('web').hostKeys).toEqual([{ type: 'ssh-ed25519', fingerprint: sshd.fingerprint }]);
  expect(await run(links({ directory }), 'web', 'echo again')).toBe('again\n');
});

test('a changed key is refused before any credential, with both fingerprints', async () => {
  const pinned = { type: 'ssh-ed25519', fingerprint: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU' };
  const { links: all, directory } = setUp({ hostKeys: [pinned] });
  const mark = sshd.log().length;
  await expect(all.lease('web')).rejects.toMatchObject({
    code: 'HOST_KEY_MISMATCH',
    message: expect.stringContaining(sshd.fingerprint),
    details: { shown: { fingerprint: sshd.fingerprint }, known: [pinned] },
    hint: expect.stringContaining('flotilla host trust web'),
  });
  nothingSent(mark);
  expect(directory.record('web').hostKeys).toEqual([pinned]);
});

test.each(['ecdsa', 'rsa'])('the server is asked for the type of key that is pinned: %s', async (type) => {
  const path = join(sshd.folder, `host_${type}.pub`);
  const fingerprint = execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1] ?? '';
  const wireType = type === 'rsa' ? 'ssh-rsa' : 'ecdsa-sha2-nistp256';
  const { links: all } = setUp({ hostKeys: [{ type: wireType, fingerprint }] });
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('five connections at once pin one key', async () => {
  const { directory, links: all } = setUp();
  await Promise.all(Array.from({ length: 40 }, () => run(all, 'web', 'true')));
  expect(directory.record('web').hostKeys).toHaveLength(1);
});

test('a key pinned by somebody else meanwhile is compared', async () => {
  const { directory, links: all } = setUp();
  const other = { type: 'ssh-ed25519', fingerprint: 'SHA256:other' };
  const { pinHostKey } = directory;
  directory.pinHostKey = async (alias, pin) => {
    await pinHostKey.call(directory, alias, other);
    await pinHostKey.call(directory, alias, pin);
  };
  await expect(all.lease('web')).rejects.toMatchObject({
    code: 'HOST_KEY_MISMATCH',
    details: { known: [other] },
  });
});

test('known_hosts is honoured while nothing is pinned: the key known there is asked for and pinned', async () => {
  const { directory, links: all } = setUp({}, `${name()} ${keyOf('ecdsa')}\n`);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  expect(directory.record('web').hostKeys).toMatchObject([{ type: 'ecdsa-sha2-nistp256' }]);
});

test('a hashed entry counts', async () => {
  const { path, directory, links: all } = setUp({}, `${name()} ${keyOf('ssh-rsa')}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', path], { stdio: 'ignore' });
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  expect(directory.record('web').hostKeys).toMatchObject([{ type: 'ssh-rsa' }]);
});

test('another key in known_hosts refuses, names the line, pins nothing', async () => {
  const { directory, links: all } = setUp({}, `# mine\n${name()} ${ANOTHER}\n`);
  const mark = sshd.log().length;
  await expect(all.lease('web')).rejects.toMatchObject({
    code: 'HOST_KEY_MISMATCH',
    message: expect.stringContaining('known_hosts, line 2'),
    details: { shown: { fingerprint: sshd.fingerprint } },
  });
  nothingSent(mark);
  expect(directory.record('web').hostKeys).toEqual([]);
});

test('a revoked key refuses even when it is pinned', async () => {
  const { links: all } = setUp(
    { hostKeys: [{ type: 'ssh-ed25519', fingerprint: sshd.fingerprint }] },
    `@revoked * ${keyOf('ssh-ed25519')}\n`,
  );
  await expect(all.lease('web')).rejects.toMatchObject({
    code: 'HOST_KEY_MISMATCH',
    details: { revoked: true },
  });
});

test('a certificate authority changes nothing', async () => {
  const { links: all } = setUp({}, `@cert-authority * ${ANOTHER}\n`);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('a pinned key wins over another one in known_hosts', async () => {
  const pin = { type: 'ssh-ed25519', fingerprint: sshd.fingerprint };
  const { links: all } = setUp({ hostKeys: [pin] }, `${name()} ${ANOTHER}\n`);
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
});

test('a record that points elsewhere while it is connected to gets no pin of the first machine', async () => {
  const second = await startSshd();
  later(() => second.stop());
  const { directory, links: all } = setUp();
  const { pinHostKey } = directory;
  let first = true;
  directory.pinHostKey = async (alias, pin, revision) => {
    if (first) directory.set(hostOf(second));
    first = false;
    return pinHostKey.call(directory, alias, pin, revision);
  };
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  expect(directory.record('web').hostKeys).toMatchObject([{ fingerprint: second.fingerprint }]);
});

test('keys are exchanged anew without asking the directory again', async () => {
  const rekeying = await startSshd({ config: ['RekeyLimit 1M'] });
  later(() => rekeying.stop());
  const directory = testDirectory(hostOf(rekeying));
  let pins = 0;
  const { pinHostKey } = directory;
  directory.pinHostKey = (...args) => {
    pins++;
    return pinHostKey.apply(directory, args);
  };
  const out = await run(links({ directory }), 'web', 'head -c 5000000 /dev/zero | tr "\\0" x');
  expect(out).toHaveLength(5_000_000);
  expect(pins).toBe(1);
});
