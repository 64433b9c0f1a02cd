import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerDefinition } from '@flotilla/core';
import { type OpenServer, openServer, type ServedHost } from './open-server.ts';

/** Those of the test runner. */
export interface TestHooks {
  beforeAll(work: () => Promise<void>): void;
  afterAll(work: () => Promise<void>): void;
}

export interface ServerOnHost<H> extends Omit<OpenServer, 'close'> {
  /** What `startHost` started: the host `web1`. */
  sshd: H;
}

/** The server alone on a data folder of its own, with one host, for the tests of a file or group. */
export function serverOnHost<H extends ServedHost & { stop(): Promise<void> }>(
  server: ServerDefinition,
  { beforeAll, afterAll }: TestHooks,
  startHost: () => Promise<H>,
): ServerOnHost<H> {
  const on = {} as ServerOnHost<H>;
  let home: string;
  let open: OpenServer;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'flotilla-server-'));
    on.sshd = await startHost();
    open = await openServer(server, { HOME: home });
    await open.addHost('web1', on.sshd);
    Object.defineProperties(on, Object.getOwnPropertyDescriptors(open));
  });
  afterAll(async () => {
    await open?.close();
    await on.sshd?.stop();
    await rm(home, { recursive: true, force: true });
  });
  return on;
}
