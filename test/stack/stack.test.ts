import { randomBytes } from 'node:crypto';
import { docker, freePort, startVps, type TestVps, waitFor } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-v1-32/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, stack, whyNoStack } from './compose.ts';

const reason = whyNoStack();
const TOKEN = randomBytes(24).toString('hex');
/** Shell: the address that the command came from. */
const CALLER = 'set -- $SSH_CONNECTION; echo "$1"';
const SERVERS = ['ssh-exec', 'sftp', 'docker', 'monitoring'];

interface Row {
  alias: string;
  stdout: string;
  exitCode: number;
}
interface Answer {
  isError?: boolean;
  structuredContent?: Record<string, unknown> & { rows?: Row[]; run?: { id: string } };
}

describe.skipIf(reason !== undefined)(`the stack${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let vps: TestVps;
  let up: Stack;
  let port: number;
  let client: Client;

  beforeAll(async () => {
    port = await freePort();
    up = stack(`flotilla-test-${process.pid}`, {
      FLOTILLA_PORT: String(port),
      FLOTILLA_HTTP_TOKEN: TOKEN,
    });
    vps = await startVps();
    await up.compose('up', '--build', '--wait', '--wait-timeout', '600');
    docker('network', 'connect', '--alias', 'vps1', `${up.name}_outside`, vps.container);
    client = await connect();
  });
  afterAll(async () => {
    await client?.close();
    await vps?.stop();
    await up?.compose('down', '--volumes', '--timeout', '10');
  });

  async function connect(): Promise<Client> {
    const one = new Client({ name: 'outside', version: '1.0.0' });
    const url = new URL(`http://127.0.0.1:${port}/mcp`);
    const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
    await one.connect(new StreamableHTTPClientTransport(url, { requestInit }) as never);
    return one;
  }
  async function call(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
    return (await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000 })) as Answer;
  }
  async function ok(name: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const answer = await call(name, args);
    expect(answer.isError ?? false, JSON.stringify(answer)).toBe(false);
    return answer.structuredContent ?? {};
  }
  /** The rows of a command, however long its run took. */
  async function rowsOf(answer: Record<string, unknown>): Promise<Row[]> {
    const { run } = answer as { run?: { id: string } };
    if (!run) return answer['rows'] as Row[];
    for (;;) {
      const seen = await ok('task_wait', { id: run.id, seconds: 45 });
      if (!seen['ended']) continue;
      expect(seen['state'], JSON.stringify(seen)).toBe('succeeded');
      return (seen['output'] as { rows: Row[] }).rows;
    }
  }
  const exec = async (cmd: string): Promise<string> =>
    (await rowsOf(await ok('task_exec', { alias: 'vps1', cmd })))[0]?.stdout ?? '';
  const lines = (file: string): string[] =>
    vps
      .run(`cat ${file} 2>/dev/null || true`)
      .split('\n')
      .filter((line) => line !== '');

  /** `count` runs, each of which writes one line; the addresses that their commands came from. */
  async function manyRuns(name: string, count: number, whileTheyRun?: () => Promise<unknown>) {
    const file = `/tmp/${name}`;
    const runs = Array.from({ length: count }, (_, n) => exec(`echo ${n} >> ${file}; sleep 0.2; ${CALLER}`));
    const meanwhile = waitFor(() => lines(file).length >= count / 10, {
      timeoutMs: 120_000,
      what: 'some runs to have begun',
    }).then(() => whileTheyRun?.());
    const from = await Promise.all(runs);
    await meanwhile;
    expect(
      lines(file)
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: count }, (_, n) => n));
    return new Set(from.map((address) => address.trim()));
  }

  test('is what docker-compose.yml promises: healthy, unprivileged, Redis private', async () => {
    for (const service of ['redis', 'hub', ...SERVERS]) {
      const [id = ''] = await up.containers(service);
      const [seen] = JSON.parse(docker('inspect', id)) as [
        {
          State: { Health: { Status: string } };
          Config: { User: string };
          HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[]; SecurityOpt: string[] };
          NetworkSettings: { Ports: Record<string, { HostIp: string }[] | null> };
        },
      ];
      expect(seen.State.Health.Status, service).toBe('healthy');
      expect(seen.Config.User, service).not.toMatch(/^(root|0)?$/);
      expect(seen.HostConfig, service).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
      expect(seen.HostConfig.SecurityOpt.join(), service).toContain('no-new-privileges');
      const published = Object.values(seen.NetworkSettings.Ports).flatMap((to) => to ?? []);
      expect(published.map(({ HostIp }) => HostIp)).toEqual(service === 'hub' ? ['127.0.0.1'] : []);
    }
  });

  test('a call goes through hub, Redis and a worker to the host and back', async () => {
    await ok('server_add', {
      alias: 'vps1',
      host: 'vps1',
      user: 'admin',
      password: vps.adminPassword,
      sudo: 'password',
    });
    expect(await exec('whoami; hostname >/dev/null')).toBe('admin\n');
    expect(
      (await rowsOf(await ok('task_exec', { alias: 'vps1', cmd: 'id -u', sudo: true })))[0]?.stdout,
    ).toBe('0\n');
    const [worker = ''] = await up.containers('ssh-exec');
    const address = docker(
      ...['inspect', '-f', `{{(index .NetworkSettings.Networks "${up.name}_outside").IPAddress}}`, worker],
    );
    expect((await exec(CALLER)).trim()).toBe(address);
    expect(
      await ok('file_write', {
        source: { type: 'remote', alias: 'vps1', path: '/tmp/note' },
        content: 'written',
      }),
    ).toBeTruthy();
    expect(vps.run('cat /tmp/note')).toBe('written');
    const health = await ok('get_system_resources', { alias: 'vps1' });
    expect(JSON.stringify(health)).toContain('vps1');
  });

  test('three replicas share 300 runs; none is lost and none runs twice', async () => {
    await up.compose('up', '-d', '--no-recreate', '--wait', '--scale', 'ssh-exec=3');
    expect((await up.containers('ssh-exec')).length).toBe(3);
    expect((await manyRuns('spread', 300)).size).toBe(3);
  });

  test('a replica is killed in the middle: nothing lost, nothing twice', async () => {
    await manyRuns('killed', 100, async () => {
      const [id = ''] = await up.containers('ssh-exec');
      docker('kill', id);
    });
  });

  test('Redis is restarted in the middle: nothing lost, nothing twice', async () => {
    await manyRuns('redis', 100, () => up.compose('restart', 'redis'));
  });

  test('stop and start of the stack keep hosts, secrets, history and schedules', async () => {
    const before = await ok('task_history', { limit: 5 });
    await ok('schedule_add', { name: 'nightly', cron: '0 3 * * *', tool: 'server_list', args: {} });
    await client.close();
    // The network stays: the host is in it.
    await up.compose('rm', '--stop', '--force');
    await up.compose('up', '-d', '--wait', '--wait-timeout', '300');
    client = await connect();
    expect(await exec('echo again')).toBe('again\n');
    const rows = (answer: Record<string, unknown>) =>
      (answer['rows'] as { id: string }[]).map(({ id }) => id);
    const after = rows(await ok('task_history', { limit: 100 }));
    for (const id of rows(before)) expect(after).toContain(id);
    expect(JSON.stringify(await ok('schedule_list'))).toContain('nightly');
  });

  test('secrets are in no environment, argument or log of a container', async () => {
    const password = docker(
      'exec',
      (await up.containers('redis'))[0] ?? '',
      'cat',
      '/run/secrets/redis/password',
    );
    const logs = await up.compose('logs', '--no-color');
    for (const secret of [vps.adminPassword, password]) {
      expect(logs).not.toContain(secret);
      for (const service of ['redis', 'hub', ...SERVERS])
        for (const id of await up.containers(service)) {
          expect(docker('inspect', id)).not.toContain(secret);
          expect(docker('top', id, '-eo', 'pid,args')).not.toContain(secret);
        }
    }
  });
});
