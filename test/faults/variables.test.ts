import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProxy, startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import { failureOf, handleOf, rowOf } from '../support/fleet.ts';
import { addHost, startHub, type TestHome, type TestHub, testHome } from '../support/hub.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

type Cleanup = TestContext['onTestFinished'];

function newHome(onTestFinished: Cleanup): TestHome {
  const home = testHome();
  onTestFinished(() => home.remove());
  return home;
}

async function hubWith(
  onTestFinished: Cleanup,
  env: Record<string, string>,
  home = newHome(onTestFinished),
): Promise<TestHub> {
  const hub = await startHub(home, env);
  onTestFinished(() => hub.close());
  await addHost(hub, home, sshd);
  return hub;
}

const connections = async (hub: TestHub): Promise<number> => {
  const { rows } = await hub.ok<{ rows: { connections: number }[] }>('pool_stats');
  return rows.reduce((sum, row) => sum + row.connections, 0);
};

describe.concurrent('variables of the environment have their effect', { timeout: 90_000 }, () => {
  test.for([
    ['MCP_DEFAULT_CMD_TIMEOUT_S', '1', 'task_exec'],
    ['MCP_DEFAULT_CMD_TIMEOUT_MS', '1000', 'task_exec'],
    ['MCP_INTERACTIVE_CMD_TIMEOUT_S', '1', 'task_exec_interactive'],
    ['MCP_INTERACTIVE_CMD_TIMEOUT_MS', '1000', 'task_exec_interactive'],
  ] as const)('%s=%s limits %s', async ([name, value, tool], { onTestFinished }) => {
    const hub = await hubWith(onTestFinished, { [name]: value });
    failureOf(await hub.call(tool, { alias: 'web1', cmd: 'sleep 60' }), 'COMMAND_TIMEOUT');
  });

  test('MCP_MAX_WAIT_TIMEOUT_S is the longest wait, whatever the sync wait is', async ({
    expect,
    onTestFinished,
  }) => {
    const hub = await hubWith(onTestFinished, { MCP_SYNC_TIMEOUT_S: '60', MCP_MAX_WAIT_TIMEOUT_S: '1' });
    const { id } = handleOf(await hub.call('task_exec', { alias: 'web1', cmd: 'sleep 60' }));
    expect(await hub.ok('task_cancel', { id })).toMatchObject({ id });
  });

  test('MAX_CONNECTIONS_PER_SERVER, MIN_CONNECTIONS_PER_SERVER and IDLE_TIMEOUT rule the pool', async ({
    expect,
    onTestFinished,
  }) => {
    const limits = { MIN_CONNECTIONS_PER_SERVER: '0', IDLE_TIMEOUT: '1500' };
    const hub = await hubWith(onTestFinished, { MAX_CONNECTIONS_PER_SERVER: '1', ...limits });
    const commands = Array.from({ length: 30 }, (_, n) =>
      hub.call('task_exec', { alias: 'web1', cmd: `sleep 1; echo ${n}` }),
    );
    await Promise.race(commands);
    expect(await connections(hub)).toBe(1);
    for (const [n, answer] of (await Promise.all(commands)).entries())
      expect(rowOf(answer).stdout).toBe(`${n}\n`);
    await waitFor(async () => (await connections(hub)) === 0, { what: 'the idle connection to be closed' });
  });

  test('KEEP_ALIVE_INTERVAL notices a connection that is dead', async ({ onTestFinished }) => {
    const proxy = await startProxy({ port: sshd.port });
    onTestFinished(() => proxy.stop());
    const home = newHome(onTestFinished);
    const hub = await hubWith(
      onTestFinished,
      { KEEP_ALIVE_INTERVAL: '200', MIN_CONNECTIONS_PER_SERVER: '0' },
      home,
    );
    await addHost(hub, home, sshd, 'far', { port: proxy.port });
    await hub.ok('task_exec', { alias: 'far', cmd: 'true' });
    const open = async (): Promise<number | undefined> => {
      const { rows } = await hub.ok<{ rows: { alias: string; connections: number }[] }>('pool_stats');
      return rows.find(({ alias }) => alias === 'far')?.connections;
    };
    await waitFor(async () => (await open()) === 1, { what: 'the connection' });
    proxy.freeze();
    await waitFor(async () => !(await open()), { what: 'the dead connection to be given up' });
  });

  test('MCP_ALLOWED_ROOTS is where local files may be', async ({ onTestFinished }) => {
    const home = newHome(onTestFinished);
    const root = join(home.path, 'shared');
    mkdirSync(root);
    writeFileSync(join(root, 'a'), 'a');
    mkdirSync(join(home.path, '.config', 'flotilla', 'files'), { recursive: true, mode: 0o700 });
    const hub = await hubWith(onTestFinished, { MCP_ALLOWED_ROOTS: root }, home);
    const upload = (local: string) =>
      hub.call('task_transfer', { alias: 'web1', direction: 'upload', local, remote: join(sshd.home, 'a') });
    const denied = await upload(join(home.path, '.config', 'flotilla', 'files', 'a'));
    failureOf(denied, 'DENIED');
    await waitFor(async () => (await upload(join(root, 'a'))).isError !== true, { what: 'the upload' });
  });

  test('FLOTILLA_MASTER_KEY encrypts the secrets; another one opens nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const home = newHome(onTestFinished);
    const key = { FLOTILLA_MASTER_KEY: 'a-master-key-of-many-characters' };
    const hub = await hubWith(onTestFinished, key, home);
    await hub.ok('server_add', {
      ...{ alias: 'pw', host: '127.0.0.1', user: 'x', password: 'canary-of-the-vault', verify: false },
    });
    await hub.close();
    expect(existsSync(join(home.path, '.config', 'flotilla', 'master.key'))).toBe(false);
    // The list of tools is answered before the data folder is open.
    const other = startHub(home, { FLOTILLA_MASTER_KEY: 'another-master-key-of-many-characters' });
    await expect(other.then((hub) => hub.ok('server_list'))).rejects.toThrow(/master key/i);
    const again = await startHub(home, key);
    onTestFinished(() => again.close());
    expect(await again.ok('server_list')).toMatchObject({ total: 2 });
  });
});
