import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { docker } from '../../src/server.ts';

export interface TestProcess extends Omit<OpenServer, 'close'> {
  sshd: TestSshd;
}

/** The server alone on a data folder of its own, with one real host, `web1`. */
export function testProcess(): TestProcess {
  const on = {} as TestProcess;
  const home = tempDir('flotilla-docker-');
  let server: OpenServer;
  beforeAll(async () => {
    on.sshd = await startSshd();
    server = await openServer(docker, { HOME: home.path });
    const { host, port, user, keyPath } = on.sshd;
    await server.runtime.services.inventory.save(
      { alias: 'web1', host, port, user, keyPath },
      { person: true },
    );
    Object.defineProperties(on, Object.getOwnPropertyDescriptors(server));
  });
  afterAll(async () => {
    await server?.close();
    await on.sshd?.stop();
    home.remove();
  });
  return on;
}
