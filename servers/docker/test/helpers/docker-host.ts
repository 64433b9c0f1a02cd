import { execFileSync } from 'node:child_process';
import {
  importBusybox,
  startDockerd,
  startSshd,
  type TestDockerd,
  type TestSshd,
  whyNoDockerd,
} from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type TestServer, testServer } from './test-server.ts';

export interface DockerHost {
  /** Calls against the host `web1`. */
  server: TestServer;
  dockerd: TestDockerd;
  sshd: TestSshd;
}

/** Why there is no private engine, or no compose v2 to use it with. */
export function whyNoCompose(): string | undefined {
  const reason = whyNoDockerd();
  if (reason) return reason;
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'docker compose v2 is missing (apt-get install docker-compose-plugin)';
  }
}

/** A private engine with the image `app:1` behind a real sshd, and the server that knows it as `web1`. */
export function dockerHost(): DockerHost {
  const on = {} as DockerHost;
  beforeAll(async () => {
    [on.dockerd, on.sshd] = await Promise.all([startDockerd(), startSshd()]);
    importBusybox(on.dockerd, 'app:1');
    on.server = await testServer({ sockets: { web1: on.dockerd.socket } });
    await on.server.addHost('web1', on.sshd);
  }, 120_000);
  afterAll(async () => {
    await on.server?.close();
    await on.sshd?.stop();
    await on.dockerd?.stop();
  }, 60_000);
  return on;
}
