import { once } from 'node:events';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run } from '../support/run.ts';

const { later, links } = cleanup();
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

const linkTo = async (server = sshd) =>
  (await links({ directory: testDirectory(hostOf(server)) }).lease('web')).link;

test('a command on a terminal of the size asked for', async () => {
  const channel = await (await linkTo()).exec('stty size; echo "$TERM"', {
    pty: { term: 'xterm', columns: 123, rows: 45 },
  });
  let out = '';
  channel.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  await once(channel, 'close');
  expect(out).toBe('45 123\r\nxterm\r\n');
});

test('SFTP, ready to use and as a raw stream', async () => {
  const link = await linkTo();
  const sftp = await link.sftp();
  const path = await new Promise((resolve, reject) =>
    sftp.realpath('.', (error, found) => (error ? reject(error) : resolve(found))),
  );
  expect(path).toBe(sshd.home);
  const raw = await link.subsystem('sftp');
  raw.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
  const [answer] = await once(raw, 'data');
  expect([...answer.subarray(4, 9)]).toEqual([2, 0, 0, 0, 3]);
  raw.close();
});

test('a subsystem the server does not have', async () => {
  await expect((await linkTo()).subsystem('nonesuch')).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    details: { cause: 'channel_refused' },
  });
});

test('a server that opens no session at all', { timeout: 60_000 }, async () => {
  const none = await startSshd({ config: ['MaxSessions 0'] });
  later(() => none.stop());
  await expect((await linkTo(none)).exec('true')).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    details: { cause: 'channel_refused' },
    hint: expect.stringContaining('MaxSessions'),
  });
});

test('known_hosts that cannot be read is logged, and the host is trusted on first use', async () => {
  const settings = { knownHostsPaths: ['/', '/nonexistent/known_hosts'] };
  const warned: unknown[] = [];
  const directory = testDirectory(hostOf(sshd));
  const all = links({
    directory,
    settings,
    log: { warn: (what: unknown) => warned.push(what), debug: () => undefined } as never,
  });
  expect(await run(all, 'web', 'echo in')).toBe('in\n');
  expect(warned).toMatchObject([{ path: '/' }]);
});
