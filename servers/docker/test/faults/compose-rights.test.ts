import {
  importBusybox,
  startDockerd,
  startSocketSshd,
  type TestDockerd,
  type TestSshd,
  whyNoSocketUsers,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeWords } from '../../src/lib/compose/compose-clis.ts';
import { composeFolder } from '../helpers/compose-folder.ts';
import { whyNoCompose } from '../helpers/docker-host.ts';
import { type TestServer, testServer } from '../helpers/test-server.ts';

const reason = whyNoCompose() ?? whyNoSocketUsers();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(
  `logins with and without rights on the socket${skipped}`,
  { timeout: 90_000 },
  () => {
    let dockerd: TestDockerd;
    let sshds: TestSshd[] = [];
    let server: TestServer;
    const folder = composeFolder(
      'name: rights\nservices:\n  web:\n    image: app:1\n    network_mode: none\n    stop_signal: SIGKILL\n    command: sleep 1000\n    healthcheck: { test: ["CMD", "true"], interval: 300ms }\n',
    );

    beforeAll(async () => {
      dockerd = await startDockerd();
      importBusybox(dockerd, 'app:1');
      sshds = [await startSocketSshd('sudo'), await startSocketSshd('none')];
      server = await testServer({ sockets: { sudo: dockerd.socket, none: dockerd.socket } });
      for (const [at, alias] of ['sudo', 'none'].entries())
        await server.addHost(alias, sshds[at] as TestSshd);
    }, 120_000);
    afterAll(async () => {
      await server?.close();
      for (const sshd of sshds) await sshd.stop();
      await dockerd?.stop();
      folder.remove();
    }, 60_000);

    test("'compose_up' and 'compose_diff' go through sudo where the login may not use the socket", async () => {
      const up = await server.ok<{ outcome: string }>('compose_up', { alias: 'sudo', path: folder.path });
      expect(up.outcome).toBe('applied');
      const diff = await server.ok<{ rows: { drifted: number }[] }>('compose_diff', { alias: 'sudo' });
      expect(diff.rows[0]?.drifted).toBe(0);
      await server.ok('compose_down', { alias: 'sudo', project: 'rights' });
    });

    test("'compose_up' without any rights says what to do", async () => {
      const failure = await server.fails('compose_up', { alias: 'none', path: folder.path });
      expect(failure).toMatchObject({ code: 'DENIED' });
      expect(failure.hint).toContain('usermod');
    });
  },
);

test('compose is called for exactly the engine that was found', () => {
  const plugin = { words: ['docker', 'compose'], version: [2, 26, 1] as const };
  const alone = { words: ['docker-compose'], version: [2, 5, 0] as const };
  const route = (socketPath: string, client: string | undefined, how: 'forward' | 'sudo' = 'forward') => ({
    route: { socketPath, client, how, target: { socketPath } },
  });
  const words = (...[engine, cli]: Parameters<typeof composeWords>): string => composeWords(engine, cli);
  expect(words(route('/var/run/docker.sock', 'docker'), plugin)).toBe('docker compose');
  expect(words(route("/x'y", "docker -H 'unix:///x'"), plugin)).toBe("docker -H 'unix:///x' compose");
  expect(words(route('/s', 'sudo -n docker', 'sudo'), plugin)).toBe('sudo -n docker compose');
  expect(words(route('/run/podman/podman.sock', 'podman --url x'), plugin)).toBe(
    "env DOCKER_HOST='unix:///run/podman/podman.sock' docker compose",
  );
  expect(words(route('/s', undefined, 'sudo'), alone)).toBe(
    "sudo -n env DOCKER_HOST='unix:///s' docker-compose",
  );
});
