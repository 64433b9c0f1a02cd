import {
  importBusybox,
  startPodman,
  startSshd,
  type TestPodman,
  type TestSshd,
  whyNoPodman,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestServer, testServer } from '../helpers/test-server.ts';

const reason = whyNoPodman();

describe.skipIf(reason !== undefined)(`commands on Podman${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let podman: TestPodman;
  let sshd: TestSshd;
  let closed: TestSshd;
  let server: TestServer;
  const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    server.ok<T>(name, { alias: 'pod1', ...args });
  const fails = (name: string, args: Record<string, unknown> = {}) =>
    server.fails(name, { alias: 'pod1', ...args });

  beforeAll(async () => {
    [podman, sshd, closed] = await Promise.all([
      startPodman(),
      startSshd(),
      startSshd({ config: ['AllowStreamLocalForwarding no'] }),
    ]);
    importBusybox(podman, 'localhost/box:1');
    server = await testServer({ sockets: { pod1: podman.socket, pod2: podman.socket } });
    await server.addHost('pod1', sshd);
    await server.addHost('pod2', closed);
    podman.docker(
      'run',
      '-d',
      '--name',
      'talker',
      '--network',
      'none',
      '-e',
      'API_TOKEN=abcdef99',
      'localhost/box:1',
      'sh',
      '-c',
      'echo hello; echo oops >&2; sleep 600',
    );
  }, 180_000);
  afterAll(async () => {
    await server?.close();
    await sshd?.stop();
    await closed?.stop();
    await podman?.stop();
  }, 60_000);

  test('a command, stop and start, a new container, its removal', async () => {
    expect(
      await call('docker_exec', { container: 'talker', cmd: 'echo in; cat', stdin: "it's" }),
    ).toMatchObject({ exitCode: 0, stdout: "in\nit's" });
    expect(await call('docker_stop', { container: 'talker', grace: 0 })).toMatchObject({
      before: 'running',
      after: 'exited',
    });
    expect(await call('docker_start', { container: 'talker' })).toMatchObject({ after: 'running' });
    const answer = await call('docker_run', {
      image: 'localhost/box:1',
      name: 'job',
      network: 'none',
      cmd: ['echo', 'done'],
      wait: true,
      remove: true,
    });
    expect(answer).toMatchObject({ exitCode: 0, lines: ['done'], removed: true });
    expect(await fails('docker_inspect', { container: 'talkr' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'talker' },
    });
  });

  test('through its client where sshd forbids forwards', async () => {
    expect(await server.engine('pod2')).toMatchObject({ kind: 'podman', route: { how: 'dial-stdio' } });
    const exec = await server.ok('docker_exec', { alias: 'pod2', container: 'talker', cmd: ['echo', 'a b'] });
    expect(exec).toMatchObject({ exitCode: 0, stdout: 'a b\n' });
  });
});
