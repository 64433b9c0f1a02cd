/**
 * What failed in the earlier orchestrator (`mcp-sftp-orchestrator`), provoked again through a real client, one test per
 * failure. Its shells that desynchronise after a time limit are here as the channel that commands share; its tunnels
 * have no counterpart yet. Files beyond 2 GiB: earlier-failures.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { freePort, makeKey, startAgent, startSshd, waitFor } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { ended, failureOf, handleOf, rowOf, useFleet } from '../support/fleet.ts';
import {
  addHost,
  hubMain,
  node,
  sourceArguments,
  startHub,
  type TestHome,
  type TestHub,
  textOf,
} from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';

const fleet = useFleet({ env: { MAX_QUEUE_SIZE: '50' } });
const filesOf = (home: TestHome): string => {
  const files = join(home.path, '.config', 'flotilla', 'files');
  mkdirSync(files, { recursive: true });
  return files;
};
const exec = (cmd: string, more: Record<string, unknown> = {}) =>
  fleet.hub.call('task_exec', { alias: 'web1', cmd, ...more });

/** A second hub on the same data folder, for the time of `use`. */
async function withHub<T>(env: Record<string, string>, use: (hub: TestHub) => Promise<T>): Promise<T> {
  const hub = await startHub(fleet.home, env);
  try {
    return await use(hub);
  } finally {
    await hub.close();
  }
}

describe('calls and runs', () => {
  test('the published schema of server_add was empty', async () => {
    const { tools } = await fleet.hub.client.listTools();
    const schema = tools.find(({ name }) => name === 'server_add')?.inputSchema;
    expect(Object.keys(schema?.properties ?? {})).toEqual(expect.arrayContaining(['alias', 'host', 'user']));
    expect(schema?.required).toEqual(expect.arrayContaining(['alias', 'host']));
  });

  test('16 parallel commands on a cold process killed it', async () => {
    await withHub({}, async (hub) => {
      const numbers = Array.from({ length: 16 }, (_, n) => n);
      const answers = await Promise.all(
        numbers.map((n) => hub.call('task_exec', { alias: 'web1', cmd: `echo cold-${n}` })),
      );
      expect(answers.map((answer) => rowOf(answer).stdout)).toEqual(numbers.map((n) => `cold-${n}\n`));
    });
  }, 60_000);

  test('runs of the past filled the queue for good', async () => {
    for (let from = 0; from < 120; from += 20)
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          expect(rowOf(await exec(`echo past-${from + n}`)).exitCode).toBe(0);
        }),
      );
    const { total } = await fleet.hub.ok<{ total: number }>('task_history', { text: 'past-' });
    expect(total).toBe(120);
  }, 60_000);

  test('exit code and stderr were lost when stdout was not empty; a failed command was no error', async () => {
    const answer = await exec('echo out; echo err >&2; exit 3');
    expect(answer.isError).toBe(true);
    expect(rowOf(answer)).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n', state: 'failed' });
  });

  test('a run whose connection failed stayed "running"', async () => {
    const port = await freePort();
    await addHost(fleet.hub, fleet.home, fleet.sshd, 'gone', { port, verify: false });
    const answer = await fleet.hub.call('task_exec', { alias: 'gone', cmd: 'true' });
    const { details } = failureOf(answer, 'CONNECTION_FAILED');
    expect(details).toMatchObject({ cause: 'refused', port });
    const { rows } = await fleet.hub.ok<{ rows: { hosts: string[] }[] }>('task_queue');
    expect(rows.filter(({ hosts }) => hosts.includes('gone'))).toEqual([]);
    const past = await fleet.hub.ok('task_history', { alias: 'gone' });
    expect(past).toMatchObject({ rows: [{ state: 'failed', code: 'CONNECTION_FAILED' }] });
  });

  test('a time limit counted as completed, the process lived on, and what came next was out of step', async () => {
    const mark = '74201.5';
    const answer = await exec(`echo begun; sleep ${mark}`, { timeout: 1 });
    failureOf(answer, 'COMMAND_TIMEOUT');
    await waitFor(() => runningWith(mark) === 0, { what: 'the command to be gone' });
    for (const word of ['one', 'two']) expect(rowOf(await exec(`echo ${word}`)).stdout).toBe(`${word}\n`);
    const past = await fleet.hub.ok<{ rows: { state: string }[] }>('task_history', { text: mark });
    expect(past.rows.map(({ state }) => state)).not.toContain('succeeded');
  });

  test('interactive mode answered one prompt and always said exit 0', async () => {
    const ask = (name: string): string => `printf '${name} name? '; read -r ${name};`;
    const answer = await fleet.hub.call('task_exec_interactive', {
      alias: 'web1',
      cmd: `${ask('first')} ${ask('last')} echo "got $first $last"; exit 42`,
      responses: { 'first name?': 'Ada', 'last name?': 'Lovelace' },
    });
    expect(rowOf(answer)).toMatchObject({ exitCode: 42, state: 'failed' });
    expect(rowOf(answer).stdout).toContain('got Ada Lovelace');
  });

  test('output had no bound: 3 MB went to the model', async () => {
    const answer = await exec("head -c 3000000 /dev/zero | tr '\\0' x");
    expect(Buffer.byteLength(textOf(answer))).toBeLessThan(60_000);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(1_500_000);
    const { runId, truncated } = rowOf(answer);
    expect(truncated).toBe(true);
    const whole = await fleet.hub.ok('task_output', { id: runId, offset: 2_999_990 });
    expect(whole).toMatchObject({ text: 'x'.repeat(10), complete: true });
  });

  test('every call took 200 ms at least', async () => {
    const times: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const start = performance.now();
      await exec('true');
      times.push(performance.now() - start);
    }
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

describe('processes', () => {
  test('kill -9 lost the runs', async () => {
    const hub = await startHub(fleet.home, { MCP_SYNC_TIMEOUT_S: '0' });
    const gate = join(fleet.sshd.home, 'gate-kill');
    const answer = await hub.call('task_exec', {
      alias: 'web1',
      cmd: `echo begun; while [ ! -e ${gate} ]; do sleep 0.05; done; echo done; exit 5`,
    });
    const { id } = handleOf(answer);
    await waitFor(async () => (await hub.ok('task_status', { id }))['tail'] === 'begun\n');
    await hub.kill();
    writeFileSync(gate, '');
    expect(await ended(fleet.hub, id)).toMatchObject({ state: 'failed', steps: [{ exitCode: 5 }] });
    expect(await fleet.hub.ok('task_output', { id })).toMatchObject({ text: 'begun\ndone\n' });
  }, 60_000);

  test('the end of stdin left an orphan', async () => {
    const child = spawn(node, [...sourceArguments, hubMain, 'serve', '--stdio'], {
      env: fleet.home.env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
    await once(child.stdout, 'data');
    const exit = once(child, 'exit');
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  });

  test('two processes on one data folder lost writes', async () => {
    const add = (hub: TestHub, alias: string) =>
      hub.ok('server_add', { alias, host: '127.0.0.1', port: 9, user: 'nobody', verify: false });
    await withHub({}, (other) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => add(n % 2 === 0 ? fleet.hub : other, `both${n}`))),
    );
    const { rows } = await fleet.hub.ok<{ rows: { alias: string }[] }>('server_list');
    expect(rows.filter(({ alias }) => alias.startsWith('both'))).toHaveLength(20);
  }, 60_000);
});

describe('logging in', () => {
  test('host keys were not checked', async () => {
    const port = await freePort();
    const first = await startSshd({ port });
    await addHost(fleet.hub, fleet.home, first, 'pinned');
    await first.stop();
    const impostor = await startSshd({ port });
    try {
      impostor.authorize(readFileSync(`${fleet.sshd.keyPath}.pub`, 'utf8').trim());
      const answer = await fleet.hub.call('task_exec', { alias: 'pinned', cmd: 'true' });
      failureOf(answer, 'HOST_KEY_MISMATCH');
    } finally {
      await impostor.stop();
    }
  }, 60_000);

  test('there was no passphrase, no bastion, no agent and no ssh_config', async () => {
    const key = makeKey({ folder: fleet.home.path, passphrase: 'open sesame', name: 'locked' });
    fleet.sshd.authorize(key.publicKey);
    const keyPath = fleet.home.addKey(key.path, 'id_locked');
    await addHost(fleet.hub, fleet.home, fleet.sshd, 'inner', {
      keyPath,
      passphrase: 'open sesame',
      jump: 'web1',
    });
    const inner = await fleet.hub.call('task_exec', { alias: 'inner', cmd: 'echo inner' });
    expect(rowOf(inner).stdout).toBe('inner\n');

    const agent = await startAgent([fleet.sshd.keyPath]);
    const config = [
      'Host byconfig',
      'HostName 127.0.0.1',
      `Port ${fleet.sshd.port}`,
      `User ${fleet.sshd.user}`,
    ];
    writeFileSync(join(fleet.home.path, '.ssh', 'config'), `${config.join('\n  ')}\n`);
    try {
      await withHub({ SSH_AUTH_SOCK: agent.socket }, async (hub) => {
        await hub.ok('server_import', { source: 'ssh_config', dryRun: false });
        const answer = await hub.call('task_exec', { alias: 'byconfig', cmd: 'echo agent' });
        expect(rowOf(answer).stdout, textOf(answer)).toBe('agent\n');
      });
    } finally {
      await agent.stop();
    }
  }, 60_000);
});

describe('files', () => {
  test('uploads became world-writable, the exec bit and symlinks were lost', async () => {
    const local = join(filesOf(fleet.home), 'tree');
    mkdirSync(local);
    writeFileSync(join(local, 'run.sh'), '#!/bin/sh\n');
    chmodSync(join(local, 'run.sh'), 0o750);
    writeFileSync(join(local, 'private'), 'x');
    chmodSync(join(local, 'private'), 0o600);
    symlinkSync('run.sh', join(local, 'link'));
    const remote = join(fleet.sshd.home, 'tree');
    await fleet.hub.ok('task_transfer', { alias: 'web1', direction: 'upload', local: 'tree', remote });
    expect(statSync(join(remote, 'run.sh')).mode & 0o777).toBe(0o750);
    expect(statSync(join(remote, 'private')).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(remote, 'link')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(remote, 'link'))).toBe('run.sh');
  });

  test('nothing was resumed, checked, or replaced at once', async () => {
    const local = join(filesOf(fleet.home), 'large');
    writeFileSync(local, 'a beginning that is not empty');
    truncateSync(local, 400 * 1024 * 1024);
    const folder = join(fleet.sshd.home, 'large');
    mkdirSync(folder);
    const remote = join(folder, 'large');
    writeFileSync(remote, 'what was there');
    const upload = { alias: 'web1', direction: 'upload', local: 'large', remote };
    const { id } = await withHub({ MCP_SYNC_TIMEOUT_S: '0' }, async (hub) => {
      const handle = handleOf(await hub.call('task_transfer', upload));
      await waitFor(
        () =>
          readdirSync(folder).some(
            (name) => name !== 'large' && statSync(join(folder, name)).size > 10_000_000,
          ),
        { intervalMs: 2, what: 'a part of the file to be there' },
      );
      await hub.ok('task_cancel', { id: handle.id });
      return handle;
    });
    expect(await ended(fleet.hub, id)).toMatchObject({ state: 'cancelled' });
    expect(readFileSync(remote, 'utf8')).toBe('what was there');
    const again = await fleet.hub.ok<{ resumedBytes: number }>('task_transfer', upload);
    expect(again).toMatchObject({ files: 1, verified: 1, bytes: 400 * 1024 * 1024 });
    expect(again.resumedBytes).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(['large']);
    expect(statSync(remote).size).toBe(400 * 1024 * 1024);
  }, 90_000);

  test.each(['/etc/passwd', '../config.json', '../master.key'])(
    'any local file could be read: %s',
    async (path) => {
      const upload = { alias: 'web1', direction: 'upload', local: path, remote: '/tmp/never' };
      failureOf(await fleet.hub.call('task_transfer', upload), 'DENIED');
      const source = { type: 'local', path };
      const read = await fleet.hub.call('file_read', { source });
      expect(read.isError).toBe(true);
      expect(JSON.stringify(read)).not.toContain('root:');
    },
  );
});

describe('guards', () => {
  test('the assistant could lift every guard itself', async () => {
    const { tools } = await fleet.hub.client.listTools();
    expect(tools.map(({ name }) => name).filter((name) => /polic|blocklist|allowlist/.test(name))).toEqual(
      [],
    );
    const config = join(fleet.home.path, 'guarded.json');
    writeFileSync(config, JSON.stringify({ policy: { commandDeny: ['forbidden-word'] } }));
    await withHub({ FLOTILLA_CONFIG: config }, async (hub) => {
      const forbidden = { alias: 'web1', cmd: 'echo forbidden-word' };
      failureOf(await hub.call('task_exec', forbidden), 'DENIED');
      for (const lift of [{ force: true }, { skip_policy: true }])
        failureOf(await hub.call('task_exec', { ...forbidden, ...lift }), 'APPROVAL_REQUIRED');
      const before = rowOf(await exec('echo forbidden-word'));
      failureOf(await hub.call('task_retry', { id: before.runId }), 'DENIED');
    });
    await withHub({ MCP_READONLY: 'true' }, async (hub) => {
      failureOf(await hub.call('task_exec', { alias: 'web1', cmd: 'true', force: true }), 'DENIED');
    });
    const harmful = { alias: 'web1', host: fleet.sshd.host, user: fleet.sshd.user, transport: 'local' };
    failureOf(await fleet.hub.call('server_add', harmful), 'APPROVAL_REQUIRED');
  }, 60_000);
});
