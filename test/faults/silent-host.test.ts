import { startProxy } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { failureOf, useFleet } from '../support/fleet.ts';

const fleet = useFleet();

test('a host that never says anything is CONNECTION_FAILED, and holds up nobody else', async () => {
  const { hub, home, sshd } = fleet;
  const proxy = await startProxy({ port: sshd.port });
  proxy.freeze();
  const keyPath = home.addKey(sshd.keyPath);
  await hub.ok('server_add', {
    alias: 'mute',
    host: '127.0.0.1',
    port: proxy.port,
    user: sshd.user,
    keyPath,
    verify: false,
  });
  let answered = false;
  const mute = hub.call('task_exec', { alias: 'mute', cmd: 'true' }).then((answer) => {
    answered = true;
    return answer;
  });
  for (let n = 0; n < 10; n += 1) await hub.ok('task_exec', { alias: 'web1', cmd: 'true' });
  expect(answered).toBe(false);
  const { details } = failureOf(await mute, 'CONNECTION_FAILED');
  expect(details).toMatchObject({ alias: 'mute', cause: expect.stringMatching(/timeout|handshake/) });
  await proxy.stop();
});
