import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type TestServer, testServer } from './test-server.ts';

export interface LyingEngine {
  /** Knows it as `web1`. */
  server: TestServer;
}

/** A host whose engine answers what `answer` does with a path, without version and query. */
export function lyingEngine(answer: (path: string, response: ServerResponse) => void): LyingEngine {
  const on = {} as LyingEngine;
  const folder = tempDir('flotilla-liar-');
  let sshd: TestSshd;
  let liar: Server;
  beforeAll(async () => {
    liar = createServer((request: IncomingMessage, response) => {
      request.resume();
      answer((request.url ?? '').replace(/^\/v[0-9.]+/, '').replace(/\?.*$/, ''), response);
    });
    const socket = join(folder.path, 'docker.sock');
    await new Promise<void>((resolve) => liar.listen(socket, resolve));
    sshd = await startSshd();
    on.server = await testServer({ sockets: { web1: socket } });
    await on.server.addHost('web1', sshd);
  });
  afterAll(async () => {
    await on.server?.close();
    liar?.closeAllConnections();
    await new Promise((resolve) => liar?.close(resolve));
    await sshd?.stop();
    folder.remove();
  });
  return on;
}
