import { startSshd, whyNoPodman } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { podmanHost, startTalker } from '../helpers/podman-host.ts';

const reason = whyNoPodman();

describe.skipIf(reason !== undefined)(`commands on Podman${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = podmanHost(startTalker);
  const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.ok<T>(name, { alias: 'pod1', ...args });

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
    expect(await on.server.fails('docker_inspect', { alias: 'pod1', container: 'talkr' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'talker' },
    });
  });

  test('through its client where sshd forbids forwards', async () => {
    const closed = await startSshd({ config: ['AllowStreamLocalForwarding no'] });
    await on.server.addHost('pod2', closed);
    expect(await on.server.engine('pod2')).toMatchObject({ kind: 'podman', route: { how: 'dial-stdio' } });
    const exec = await on.server.ok('docker_exec', {
      alias: 'pod2',
      container: 'talker',
      cmd: ['echo', 'a b'],
    });
    expect(exec).toMatchObject({ exitCode: 0, stdout: 'a b\n' });
    await closed.stop();
  });
});
