import {
  importBusybox,
  type SocketRights,
  startDockerd,
  startSocketSshd,
  type TestDockerd,
  type TestSshd,
  whyNoDockerd,
  whyNoSocketUsers,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestServer, testServer } from '../helpers/test-server.ts';

const reason = whyNoDockerd() ?? whyNoSocketUsers();

describe.skipIf(reason !== undefined)(
  `logins and their rights${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let dockerd: TestDockerd;
    let server: TestServer;
    const hosts: TestSshd[] = [];
    const logins: [alias: string, rights: SocketRights, config: string[]][] = [
      ['group', 'group', []],
      ['sudo', 'sudo', []],
      ['none', 'none', []],
      ['closed', 'group', ['AllowStreamLocalForwarding no', 'AllowTcpForwarding no']],
    ];
    const able = ['group', 'sudo', 'closed'];

    beforeAll(async () => {
      dockerd = await startDockerd();
      importBusybox(dockerd, 'box:1');
      dockerd.docker('run', '-d', '--name', 'app', 'box:1', 'sh', '-c', 'echo ready; sleep 600');
      const sockets: Record<string, string> = Object.fromEntries(
        logins.map(([alias]) => [alias, dockerd.socket]),
      );
      server = await testServer({ sockets: { ...sockets, empty: '/nowhere/docker.sock' } });
      for (const [alias, rights, config] of logins) {
        const sshd = await startSocketSshd(rights, { config });
        hosts.push(sshd);
        await server.addHost(alias, sshd);
      }
      await server.addHost('empty', hosts[0] as TestSshd);
    }, 120_000);

    afterAll(async () => {
      await server?.close();
      for (const sshd of hosts) await sshd.stop();
      await dockerd?.stop();
    }, 60_000);

    test('one call over all of them: rows of those that may, the reason of those that may not', async () => {
      const answer = await server.call('docker_list', { alias: 'all' });
      expect(answer.structuredContent).toMatchObject({
        rows: [
          { alias: 'closed', state: 'ok', containers: [{ name: 'app' }] },
          {
            alias: 'empty',
            state: 'failed',
            error: { code: 'UNSUPPORTED', hint: expect.stringMatching(/socket|engine|Install/) },
          },
          { alias: 'group', state: 'ok', containers: [{ name: 'app' }] },
          {
            alias: 'none',
            state: 'failed',
            error: { code: 'DENIED', hint: expect.stringContaining('usermod -aG docker') },
          },
          { alias: 'sudo', state: 'ok', containers: [{ name: 'app' }] },
        ],
      });
    });

    test.each(able)('reads, changes and durable commands as %s', async (alias) => {
      expect(await server.row('get_docker_logs', { alias, container: 'app' })).toMatchObject({
        lines: ['ready'],
      });
      const typed = await server.ok('docker_exec', {
        alias,
        container: 'app',
        cmd: 'cat; echo "$A"',
        stdin: 'in\n',
        env: { A: "it's" },
      });
      expect(typed).toMatchObject({ exitCode: 0, stdout: "in\nit's\n" });
      const ran = await server.ok('docker_run', {
        alias,
        image: 'box:1',
        cmd: ['echo', alias],
        wait: true,
        remove: true,
      });
      expect(ran).toMatchObject({ exitCode: 0, lines: [alias] });
      const { rows } = await server.ok<{ rows: { containers: { cpuPercent: number }[] }[] }>('docker_stats', {
        alias,
      });
      expect(rows[0]?.containers[0]).toMatchObject({
        name: 'app',
        memoryBytes: expect.any(Number),
        cpuPercent: expect.any(Number),
      });
      const pulled = await server.fails('image_pull', { alias, image: '127.0.0.1:1/none:1' });
      expect(pulled.code).toBe('SERVER_UNAVAILABLE');
    });

    test('many calls at once through few session channels', async () => {
      const calls = Array.from({ length: 20 }, () =>
        server.row('docker_inspect', { alias: 'closed', container: 'app' }),
      );
      for (const answer of await Promise.all(calls))
        expect(answer).toMatchObject({ container: { name: 'app' } });
    });

    test('a command that does not listen is ended in its container for a login without rights on it, too', async () => {
      const cmd = "trap '' TERM; (trap '' TERM; sleep 7001) & sleep 7002";
      const late = await server.fails('docker_exec', { alias: 'group', container: 'app', cmd, timeout: 1 });
      expect(late).toMatchObject({ code: 'COMMAND_TIMEOUT', hint: expect.stringContaining('was ended') });
      const { stdout } = await server.ok('docker_exec', { alias: 'group', container: 'app', cmd: 'ps' });
      expect(stdout).not.toMatch(/sleep 700\d/);
    });
  },
);
