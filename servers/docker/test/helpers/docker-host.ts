import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
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

type Machine = Omit<DockerHost, 'server'>;
let machine: Promise<Machine> | undefined;
let shared = false;

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

/**
 * A private engine with nothing but the image `app:1` behind a real sshd, and a server that knows it as `web1`.
 * After `shareMachine` the groups of a file have one engine and sshd, emptied between them.
 */
export function dockerHost(): DockerHost {
  const on = {} as DockerHost;
  beforeAll(async () => {
    Object.assign(on, await startMachine());
    on.server = await testServer({ sockets: { web1: on.dockerd.socket } });
    await on.server.addHost('web1', on.sshd);
  }, 120_000);
  afterAll(async () => {
    await on.server?.close();
    await stopMachine();
  }, 60_000);
  return on;
}

/** The shared engine and sshd, emptied. */
export async function startMachine(): Promise<Machine> {
  machine ??= Promise.all([startDockerd(), startSshd()]).then(([dockerd, sshd]) => ({ dockerd, sshd }));
  const { dockerd, sshd } = await machine;
  empty(dockerd);
  rmSync(join(sshd.home, '.docker'), { recursive: true, force: true });
  importBusybox(dockerd, 'app:1');
  return { dockerd, sshd };
}

/** Stops it, unless the groups of the file share it. */
export async function stopMachine(): Promise<void> {
  if (shared) return;
  const { dockerd, sshd } = (await machine) ?? {};
  machine = undefined;
  await sshd?.stop();
  await dockerd?.stop();
}

/** For a file with many groups: the engine stops after the last of them. */
export function shareMachine(): void {
  shared = true;
  afterAll(async () => {
    shared = false;
    await stopMachine();
  }, 60_000);
}

export function removeContainers({ docker }: Pick<TestDockerd, 'docker'>): void {
  const ids = docker('ps', '-aq').split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '-f', '-v', ...ids);
}

function empty({ docker }: TestDockerd): void {
  const lines = (...args: string[]): string[] =>
    docker(...args)
      .split('\n')
      .filter(Boolean);
  const remove = (ids: string[], ...args: string[]): void => {
    if (ids.length > 0) docker(...args, ...ids);
  };
  removeContainers({ docker });
  remove(lines('volume', 'ls', '-q'), 'volume', 'rm');
  remove(lines('network', 'ls', '-q', '--filter', 'type=custom'), 'network', 'rm');
  remove([...new Set(lines('images', '-aq'))], 'rmi', '-f');
}
