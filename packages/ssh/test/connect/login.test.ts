import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, makeKey, startAgent, startSshd, type TestUser, whyNoUsers } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { ownSshd } from '../support/own-sshd.ts';
import { run } from '../support/run.ts';

const { sshd, folder } = ownSshd();
const { later, links } = cleanup();

const noKey = { keyPath: undefined as never };

test.each([
  ['ed25519', 'openssh', ''],
  ['ed25519', 'openssh', 'secret words'],
  ['ed25519', 'pkcs8', 'secret words'],
  ['rsa', 'openssh', ''],
  ['rsa', 'pem', 'secret words'],
  ['ecdsa', 'openssh', ''],
  ['ecdsa', 'pkcs8', ''],
] as const)('logs in with a %s key in %s form, passphrase "%s"', async (type, format, passphrase) => {
  const key = makeKey({ folder: folder.path, type, format, passphrase });
  sshd.authorize(key.publicKey);
  const directory = testDirectory({ ...hostOf(sshd), keyPath: key.path, passphrase });
  expect(await run(links({ directory }), 'web', 'echo in')).toBe('in\n');
});

test.each(['ed25519', 'rsa', 'ecdsa'] as const)('logs in with a %s key of an agent', async (type) => {
  const key = makeKey({ folder: folder.path, type });
  sshd.authorize(key.publicKey);
  const agent = await startAgent([key.path]);
  later(() => agent.stop());
  const directory = testDirectory({ ...hostOf(sshd), ...noKey, agentSocket: agent.socket });
  expect(await run(links({ directory }), 'web', 'echo in')).toBe('in\n');
});

describe('a refused login says what was tried, what the server takes and what to do', () => {
  const failing = (record: object) =>
    links({ directory: testDirectory({ ...hostOf(sshd), ...noKey, ...record }) }).lease('web');

  test('a key the server does not know', async () => {
    const { path } = makeKey({ folder: folder.path });
    await expect(failing({ keyPath: path })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining(`Tried: key file ${path}. It takes: publickey`),
      details: { offered: ['publickey'], tried: [`key file ${path}`], user: sshd.user },
      hint: expect.stringContaining('authorized_keys'),
    });
  });

  test('no credential at all', async () => {
    await expect(failing({})).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('Tried: nothing. It takes: publickey'),
      hint: expect.stringContaining('No credential is stored'),
    });
  });

  test('a password where only keys are taken: it is not sent', async () => {
    const password = 'canary-password';
    const error = await failing({ password }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { tried: [], offered: ['publickey'] } });
    expect(JSON.stringify(error) + String(error)).not.toContain(password);
  });

  test('a key file that is not there', async () => {
    await expect(failing({ keyPath: '/nonexistent/id' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('key file /nonexistent/id: it cannot be read (no such file)'),
    });
  });

  test('a passphrase that is missing or wrong, never shown', async () => {
    const key = makeKey({ folder: folder.path, passphrase: 'right-passphrase' });
    sshd.authorize(key.publicKey);
    await expect(failing({ keyPath: key.path })).rejects.toMatchObject({
      message: expect.stringContaining('its passphrase is needed'),
      hint: expect.stringContaining('passphrase'),
    });
    const error = await failing({ keyPath: key.path, passphrase: 'canary-wrong' }).catch((reason) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining('its passphrase is wrong') });
    expect(JSON.stringify(error) + String(error.message)).not.toContain('canary-wrong');
  });

  test('an agent that does not answer; the key file still works', async () => {
    const agentSocket = join(folder.path, 'none.sock');
    await expect(failing({ agentSocket })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      details: { problems: [expect.stringContaining('SSH agent: ')] },
    });
    const directory = testDirectory({ ...hostOf(sshd), agentSocket });
    expect(await run(links({ directory }), 'web', 'echo in')).toBe('in\n');
  });

  test('an agent with more keys than the server wants to see', async () => {
    const keys = Array.from({ length: 8 }, () => makeKey({ folder: folder.path }).path);
    const agent = await startAgent(keys);
    later(() => agent.stop());
    await expect(failing({ agentSocket: agent.socket })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      details: { remote: expect.stringContaining('Too many authentication failures') },
      hint: expect.stringContaining('key file'),
    });
  });

  test('a file that is no key', async () => {
    const path = join(folder.path, 'text');
    writeFileSync(path, 'no key');
    await expect(failing({ keyPath: path })).rejects.toMatchObject({
      message: expect.stringContaining('not a private key file'),
    });
  });
});

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(`passwords${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let user: TestUser;
  beforeAll(() => {
    user = createUser();
  });
  afterAll(() => user.remove());

  const connect = async (config: string[], record: object) => {
    const server = await startSshd({ passwords: true, user: user.name, config });
    later(() => server.stop());
    const host = { ...hostOf(server), ...noKey, ...record };
    return { server, links: links({ directory: testDirectory(host) }), host };
  };

  test.each([
    ['password', ['KbdInteractiveAuthentication no']],
    ['keyboard-interactive', ['PasswordAuthentication no']],
  ])('logs in by %s', async (_method, config) => {
    const { links: all } = await connect(config, { password: user.password });
    expect(await run(all, 'web', 'id -un')).toBe(`${user.name}\n`);
  });

  test('logs in where both a key and the password are needed', async () => {
    const server = await startSshd({
      passwords: true,
      user: user.name,
      config: ['AuthenticationMethods publickey,password publickey,keyboard-interactive'],
    });
    later(() => server.stop());
    const directory = testDirectory({ ...hostOf(server), password: user.password });
    expect(await run(links({ directory }), 'web', 'id -un')).toBe(`${user.name}\n`);
  });

  test('logs in where the password comes before the key', async () => {
    const server = await startSshd({
      passwords: true,
      user: user.name,
      config: ['AuthenticationMethods password,publickey'],
    });
    later(() => server.stop());
    const directory = testDirectory({ ...hostOf(server), password: user.password });
    expect(await run(links({ directory }), 'web', 'id -un')).toBe(`${user.name}\n`);
  });

  test('a wrong password is sent once and never shown', async () => {
    const { links: all, server } = await connect([], { password: 'canary-wrong' });
    const error = await all.lease('web').catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { tried: ['password'] } });
    expect(JSON.stringify(error) + String(error)).not.toContain('canary-wrong');
    expect(server.log().match(/Failed password/g)).toHaveLength(1);
    expect(server.log()).not.toContain('keyboard-interactive/pam');
  });
});
