import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createUser,
  makeKey,
  processes,
  startSshd,
  type TestSshd,
  type TestUser,
  waitFor,
  whyNoUsers,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHub, type TestHome, type TestHub, testHome } from '../support/hub.ts';

const reason = whyNoUsers();
const PASSPHRASE = 'canary-passphrase-8d1f';
const API_KEY = 'canary-api-key-77aa03';

/** Every regular file below a folder. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

describe.skipIf(reason !== undefined)(`secrets${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let sshd: TestSshd;
  let user: TestUser;
  let home: TestHome;
  let hub: TestHub;
  let said = '';

  beforeAll(async () => {
    user = createUser({ groups: ['sudo'] });
    sshd = await startSshd({ passwords: true, user: user.name });
    home = testHome({ LOG_LEVEL: 'trace', CANARY_KEY: API_KEY });
    const mount = {
      url: 'http://127.0.0.1:9/mcp',
      headers: { Authorization: ['Bearer $', '{env:CANARY_KEY}'].join('') },
    };
    mkdirSync(join(home.path, '.config', 'flotilla'), { recursive: true, mode: 0o700 });
    writeFileSync(
      join(home.path, '.config', 'flotilla', 'config.json'),
      JSON.stringify({ mcpServers: { 'ssh-exec': {}, sftp: {}, other: mount } }),
    );
    hub = await startHub(home);
  });
  afterAll(async () => {
    await hub?.close();
    await sshd?.stop();
    user?.remove();
    home?.remove();
  });

  const call = async (name: string, args: Record<string, unknown>): Promise<void> => {
    said += JSON.stringify(await hub.call(name, args));
  };

  test('a password, a passphrase, an API key and a sudo password are nowhere but encrypted', async () => {
    const { host, port } = sshd;
    const canaries = [user.password, PASSPHRASE, API_KEY];
    const key = makeKey({ folder: join(home.path, '.ssh'), passphrase: PASSPHRASE, name: 'id_canary' });
    sshd.authorize(key.publicKey);
    await call('server_add', {
      alias: 'pw',
      host,
      port,
      user: user.name,
      password: user.password,
      sudo: 'password',
    });
    await call('server_add', {
      alias: 'key',
      host,
      port,
      user: user.name,
      keyPath: key.path,
      passphrase: PASSPHRASE,
    });
    await call('server_add', { alias: 'bad', host, port: 9, user: user.name, password: user.password });
    await call('task_exec', { alias: 'pw', cmd: 'id -u', sudo: true });
    expect(said).toContain('"stdout":"0\\n"');
    const seen = new Set<string>();
    const watching = setInterval(() => {
      for (const { commandLine } of processes()) seen.add(commandLine);
    }, 2);
    await Promise.all([
      call('task_exec', { alias: 'pw', cmd: 'sleep 0.3; id -u', sudo: true }),
      call('task_exec', {
        alias: 'pw',
        cmd: `printf '%s\\n' "$TOKEN"; cat`,
        env: { TOKEN: user.password },
        stdin: `${user.password}\n`,
      }),
      call('task_exec', { alias: 'key', cmd: 'sleep 0.2; env; set' }),
    ]);
    clearInterval(watching);
    // Who writes a secret into the words of a command has it among the host's processes; not in answers and logs.
    await call('task_exec', {
      alias: 'pw',
      cmd: `echo ${Buffer.from(user.password).toString('base64')}; ls /${user.password}`,
    });
    for (const tool of [
      'server_list',
      'task_history',
      'task_logs',
      'audit_search',
      'system_diagnostics',
      'pool_stats',
    ]) {
      await call(tool, {});
    }
    for (const secret of canaries) {
      expect(said.includes(secret), 'in an answer').toBe(false);
      expect(said.includes(Buffer.from(secret).toString('base64')), 'in an answer, as base64').toBe(false);
      expect(hub.stderr().includes(secret), 'in the log').toBe(false);
    }
    const data = filesBelow(join(home.path, '.config', 'flotilla'));
    expect(data.some((file) => file.endsWith('state.sqlite'))).toBe(true);
    for (const file of data) {
      const content = readFileSync(file).toString('latin1');
      for (const secret of canaries) expect(content.includes(secret), file).toBe(false);
    }
    // What a command printed itself lies in its output file until that is removed, right after its end.
    const remote = (): string[] =>
      filesBelow(join(user.home, '.flotilla')).concat(filesBelow('/root/.flotilla'));
    expect(remote().length).toBeGreaterThan(0);
    const holding = (): string[] =>
      remote().filter((file) => canaries.some((secret) => contentOf(file).includes(secret)));
    await waitFor(() => holding().length === 0, { what: 'no secret in a remote file' });
    const inArguments = [...seen].filter((line) =>
      [user.password, PASSPHRASE].some((secret) => line.includes(secret)),
    );
    expect(inArguments).toEqual([]);
  });
});

/** Nothing when the file was removed meanwhile. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
