import { silentLogger } from '@flotilla/core';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostLinks } from '../../src/index.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run } from '../support/run.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

test('a command runs, the first host key is pinned, and the connection is used again', async () => {
  const directory = testDirectory(hostOf(sshd));
  const links = createHostLinks({ directory, log: silentLogger });
  expect(await run(links, 'web', 'echo one')).toBe('one\n');
  expect(await run(links, 'web', 'echo two')).toBe('two\n');
  expect(directory.record('web').hostKeys).toEqual([{ type: 'ssh-ed25519', fingerprint: sshd.fingerprint }]);
  expect(links.stats()).toMatchObject([{ alias: 'web', connections: 1, busyChannels: 0, queued: 0 }]);
  await links.close();
});

test.each([16, 200])('%i leases at once work on a stock sshd', { timeout: 60_000 }, async (count) => {
  const links = createHostLinks({ directory: testDirectory(hostOf(sshd)), log: silentLogger });
  const all = Array.from({ length: count }, (_, n) => run(links, 'web', `echo ${n}`));
  expect(await Promise.all(all)).toEqual(Array.from({ length: count }, (_, n) => `${n}\n`));
  expect(links.stats()[0]?.connections).toBeLessThanOrEqual(5);
  await links.close();
});
