import { importBusybox, startPodman, startSshd, type TestPodman, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type TestServer, testServer } from './test-server.ts';

export interface PodmanHost {
  podman: TestPodman;
  /** Knows it as `pod1`, and `pod2` behind what the test puts there. */
  server: TestServer;
}

/** A private Podman behind a real sshd, with what `prepare` puts on it. */
export function podmanHost(prepare: (podman: TestPodman) => void): PodmanHost {
  const on = {} as PodmanHost;
  let sshd: TestSshd;
  beforeAll(async () => {
    [on.podman, sshd] = await Promise.all([startPodman(), startSshd()]);
    prepare(on.podman);
    on.server = await testServer({ sockets: { pod1: on.podman.socket, pod2: on.podman.socket } });
    await on.server.addHost('pod1', sshd);
  }, 180_000);
  afterAll(async () => {
    await on.server?.close();
    await sshd?.stop();
    await on.podman?.stop();
  }, 60_000);
  return on;
}

const TALK = 'echo hello; echo oops >&2; sleep 600';

/** The container `talker` of the image `localhost/box:1`. */
export function startTalker(podman: TestPodman): void {
  importBusybox(podman, 'localhost/box:1');
  podman.docker(
    ...['run', '-d', '--name', 'talker', '--network', 'none', '-e', 'API_TOKEN=abcdef99'],
    ...['localhost/box:1', 'sh', '-c', TALK],
  );
}
