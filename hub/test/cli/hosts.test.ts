import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, makeKey, startSshd, type TestSshd, whyNoUsers } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, createMachine, type Machine } from './support/cli.ts';

let sshd: TestSshd;
let machine: Machine;
let address: string;
beforeAll(async () => {
  sshd = await startSshd();
  address = `${sshd.user}@${sshd.host}:${sshd.port}`;
});
afterAll(() => sshd.stop());
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

const flotilla: Machine['flotilla'] = (...call) => machine.flotilla(...call);
const hosts = async (): Promise<Record<string, unknown>[]> =>
  (await flotilla(['host', 'list', '--json'])).json();

describe('host add', () => {
  test('logs in, pins the key and says so', async () => {
    const { code, stdout } = await flotilla(['host', 'add', 'web1', address, '--key', sshd.keyPath]);
    expect(code).toBe(0);
    expect(stdout).toContain(`web1: ${address}, logged in`);
    expect(stdout).toContain(sshd.fingerprint);
  });

  test('without credentials it tries the usual keys, the right one stays', async () => {
    mkdirSync(join(machine.home, '.ssh'));
    makeKey({ folder: join(machine.home, '.ssh'), name: 'id_ed25519' });
    writeFileSync(join(machine.home, '.ssh', 'id_rsa'), readFileSync(sshd.keyPath), { mode: 0o600 });
    const { code, stderr } = await flotilla(['host', 'add', 'web1', address]);
    expect(code).toBe(0);
    expect(stderr).toContain('id_rsa');
    expect(await hosts()).toMatchObject([{ alias: 'web1', keyPath: join(machine.home, '.ssh', 'id_rsa') }]);
  });

  test('what does not let us in is not registered, and the way out is named', async () => {
    const { code, stderr } = await flotilla(['host', 'add', 'web1', address]);
    expect(code).toBe(1);
    expect(stderr).toContain('AUTH_FAILED');
    expect(stderr).toContain('was not registered');
    expect(stderr).toContain('--no-verify');
    expect(await hosts()).toEqual([]);
  });

  test('--no-verify registers without logging in', async () => {
    const { code } = await flotilla([
      'host',
      'add',
      'later',
      'me@192.0.2.1',
      '--no-verify',
      '--group',
      'web',
      '--env',
      'prod',
    ]);
    expect(code).toBe(0);
    expect(await hosts()).toMatchObject([
      { alias: 'later', groups: ['web'], env: 'prod', user: 'me', port: 22 },
    ]);
  });

  test('a wrong host key that was named is refused before any credential', async () => {
    const wrong = `SHA256:${'A'.repeat(43)}`;
    const add = ['host', 'add', 'web1', address, '--key', sshd.keyPath, '--host-key', wrong];
    const { code, stderr } = await flotilla(add);
    expect(code).toBe(1);
    expect(stderr).toContain('HOST_KEY_MISMATCH');
    expect(await hosts()).toEqual([]);
  });

  test('a known host changes only after a yes, and what it loses is said', async () => {
    await flotilla(['host', 'add', 'web1', address, '--key', sshd.keyPath]);
    const change = ['host', 'add', 'web1', 'other@192.0.2.1', '--no-verify'];
    const refused = await flotilla(change);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('APPROVAL_REQUIRED');
    expect(refused.stderr).toContain(sshd.fingerprint);
    expect(await hosts()).toMatchObject([{ host: sshd.host }]);
    expect((await flotilla([...change, '--yes'])).code).toBe(0);
    expect(await hosts()).toMatchObject([{ host: '192.0.2.1', hostKeys: [] }]);
  });

  test.each([
    [['host', 'add', 'web1'], 'address'],
    [['host', 'add', 'web1', '192.0.2.1'], 'login name'],
    [['host', 'add', 'web1', 'a b'], 'address'],
    [['host', 'add', 'all', 'me@192.0.2.1', '--no-verify'], 'all'],
    [['host', 'add', 'web1', 'me@h', '--password-stdin'], 'empty'],
  ])('%j is refused', async (words, hint) => {
    const { code, stderr } = await flotilla(words);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
  });

  test('on a terminal it asks for what is missing', async () => {
    const types: Answer[] = [
      ['Address of web1', `${sshd.host}\r`],
      ['Login name', `\u0015${sshd.user}\r`],
    ];
    const add = ['host', 'add', 'web1', '--port', String(sshd.port), '--key', sshd.keyPath];
    const { code, stdout } = await flotilla(add, { types });
    expect(code).toBe(0);
    expect(stdout).toContain('logged in');
  });
});

const noUsers = whyNoUsers();
describe.skipIf(noUsers !== undefined)(`passwords${noUsers ? ` (skipped: ${noUsers})` : ''}`, () => {
  test('come from standard input and are in no file, log or audit row in clear', async () => {
    const user = createUser();
    const withPasswords = await startSshd({ passwords: true });
    try {
      const add = [
        'host',
        'add',
        'db1',
        `${user.name}@${withPasswords.host}:${withPasswords.port}`,
        '--password-stdin',
      ];
      expect(await flotilla(add, { stdin: `${user.password}\n` })).toMatchObject({ code: 0 });
      const audit = await flotilla(['audit', 'search', '--json']);
      expect(audit.stdout).toContain('server_add');
      expect(audit.stdout).not.toContain(user.password);
      expect(readFileSync(join(machine.dataDir, 'state.sqlite')).includes(user.password)).toBe(false);
      expect((await flotilla(['host', 'show', 'db1'])).stdout).toMatch(/stored +password/);
    } finally {
      await withPasswords.stop();
      user.remove();
    }
  });
});

describe('host list, show, remove', () => {
  beforeEach(async () => {
    await flotilla(['host', 'add', 'web1', address, '--key', sshd.keyPath, '--group', 'web']);
    await flotilla(['host', 'add', 'db1', 'root@192.0.2.9', '--no-verify', '--env', 'prod', '--protected']);
  });

  test('the table fits the terminal', async () => {
    const { stdout } = await flotilla(['host', 'list'], { columns: 60 });
    expect(stdout.split('\n').every((line) => line.length <= 60)).toBe(true);
    expect(stdout).toMatch(/^ALIAS/);
    expect(stdout).toContain('protected');
  });

  test('filters', async () => {
    expect((await flotilla(['host', 'list', '--group', 'web'])).stdout).not.toContain('db1');
    expect((await flotilla(['host', 'list', '--env', 'prod'])).stdout).not.toContain('web1');
    expect((await flotilla(['host', 'list', '192.0.2'])).stdout).not.toContain('web1');
  });

  test('show has everything but secrets', async () => {
    const { stdout } = await flotilla(['host', 'show', 'web1']);
    expect(stdout).toContain(sshd.fingerprint);
    expect(stdout).toContain(sshd.keyPath);
  });

  test('an unknown host is 4 and names the nearest', async () => {
    const { code, stderr } = await flotilla(['host', 'show', 'web']);
    expect(code).toBe(4);
    expect(stderr).toContain('web1');
  });

  test('remove asks, --yes does not', async () => {
    expect((await flotilla(['host', 'remove', 'web1'])).code).toBe(3);
    expect((await flotilla(['host', 'remove', 'web1', '--yes'])).code).toBe(0);
    expect(await hosts()).toMatchObject([{ alias: 'db1' }]);
    expect((await flotilla(['host', 'remove', 'web1', '--yes'])).code).toBe(4);
  });

  test('a person who says no has changed nothing', async () => {
    expect((await flotilla(['host', 'remove', 'web1'], { types: [['Remove web1?', 'n\r']] })).code).toBe(1);
    expect(await hosts()).toHaveLength(2);
  });
});

describe('host trust', () => {
  const pinWrong = async (): Promise<void> => {
    const wrong = `SHA256:${'A'.repeat(43)}`;
    const add = ['host', 'add', 'web1', address, '--key', sshd.keyPath, '--no-verify', '--host-key', wrong];
    expect((await flotilla(add)).code).toBe(0);
  };

  test('a host that shows its pinned key needs nothing', async () => {
    await flotilla(['host', 'add', 'web1', address, '--key', sshd.keyPath]);
    const { code, stderr } = await flotilla(['host', 'trust', 'web1']);
    expect(code).toBe(0);
    expect(stderr).toContain('Nothing to do');
  });

  test('shows both keys, and pins the new one after a yes', async () => {
    await pinWrong();
    expect((await flotilla(['exec', 'web1', '--', 'true'])).stderr).toContain('HOST_KEY_MISMATCH');
    const { code, stderr } = await flotilla(['host', 'trust', 'web1'], {
      types: [['the host itself shows?', 'y\r']],
    });
    expect(code).toBe(0);
    expect(stderr).toContain(`SHA256:${'A'.repeat(43)}`);
    expect(stderr).toContain(sshd.fingerprint);
    expect((await flotilla(['exec', 'web1', '--', 'echo', 'in'])).stdout).toBe('in\n');
  });

  test('nobody to ask: nothing is trusted', async () => {
    await pinWrong();
    expect((await flotilla(['host', 'trust', 'web1'])).code).toBe(3);
    expect((await flotilla(['host', 'trust', 'web1', '--yes'])).code).toBe(3);
    expect((await flotilla(['exec', 'web1', '--', 'true'])).code).toBe(255);
  });

  test('a script names the fingerprint, and only that one is taken', async () => {
    await pinWrong();
    const trust = ['host', 'trust', 'web1', '--yes', '--fingerprint'];
    expect((await flotilla([...trust, `SHA256:${'B'.repeat(43)}`])).code).toBe(1);
    expect((await flotilla([...trust, sshd.fingerprint])).code).toBe(0);
    expect((await flotilla(['exec', 'web1', '--', 'true'])).code).toBe(0);
  });
});

describe('host import', () => {
  const config = (): string => {
    mkdirSync(join(machine.home, '.ssh'));
    const lines = [
      'Host web1',
      `  HostName ${sshd.host}`,
      `  Port ${sshd.port}`,
      `  User ${sshd.user}`,
      `  IdentityFile ${sshd.keyPath}`,
      'Host dead',
      '  HostName 127.0.0.1',
      '  Port 1',
      '  User root',
      'Host *',
      '  ServerAliveInterval 10',
    ];
    writeFileSync(join(machine.home, '.ssh', 'config'), lines.join('\n'));
    return join(machine.home, '.ssh', 'config');
  };

  test('shows what it found and changes nothing when nobody can be asked', async () => {
    config();
    const { code, stderr } = await flotilla(['host', 'import']);
    expect(code).toBe(3);
    expect(stderr).toContain('web1');
    expect(await hosts()).toEqual([]);
  });

  test('--yes takes everything, logs in to each and shows fingerprints', async () => {
    config();
    const { code, stdout, stderr } = await flotilla(['host', 'import', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain(`✓ web1  host key ${sshd.fingerprint}`);
    expect(stdout).toContain('✗ dead  CONNECTION_FAILED');
    expect(stderr).toContain('2 hosts registered');
    expect((await flotilla(['host', 'import', '--yes'])).stderr).toContain('Nothing new');
  });

  test('a person picks', async () => {
    config();
    const { code } = await flotilla(['host', 'import', '--no-verify'], { types: [['Which hosts?', ' \r']] });
    expect(code).toBe(0);
    expect(await hosts()).toHaveLength(1);
  });

  test('--dry-run --json is the plan', async () => {
    config();
    const result = await flotilla(['host', 'import', '--dry-run', '--json']);
    expect(result.json()).toMatchObject({ hosts: [{ alias: 'web1', action: 'add' }, { alias: 'dead' }] });
    expect(await hosts()).toEqual([]);
  });

  test("an earlier orchestrator's folder", async () => {
    const folder = join(machine.home, 'old');
    mkdirSync(folder);
    const servers = { old1: { host: sshd.host, port: sshd.port, user: sshd.user, keyPath: sshd.keyPath } };
    writeFileSync(join(folder, 'servers.json'), JSON.stringify(servers));
    writeFileSync(join(folder, 'server_groups.json'), JSON.stringify({ legacy: ['old1'] }));
    const { code } = await flotilla(['host', 'import', '--from', 'orchestrator', folder, '--yes']);
    expect(code).toBe(0);
    expect(await hosts()).toMatchObject([{ alias: 'old1', groups: ['legacy'] }]);
  });

  test.each([
    [['host', 'import'], 4],
    [['host', 'import', '--from', 'orchestrator'], 2],
    [['host', 'import', '--from', 'elsewhere'], 2],
  ])('%j finds nothing', async (words, code) => {
    expect((await flotilla(words)).code).toBe(code);
  });
});
