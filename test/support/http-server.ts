import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-v1-32/client/streamableHttp.js';
import { callsOf, node, sourceArguments, type TestClient, type TestHome } from './hub.ts';

export interface HttpServer {
  url: string;
  headers: Record<string, string>;
  connect(): Promise<TestClient>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a server of ours, or the hub, over HTTP from source; resolves when it says that it listens. */
export async function startHttp(home: TestHome, program: readonly string[]): Promise<HttpServer> {
  const token = 'a-token-of-the-system-tests-0123456789';
  const port = await freePort();
  const child = spawn(node, [...sourceArguments, ...program, '--http', '--port', String(port)], {
    env: { ...home.env, FLOTILLA_HTTP_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => line.includes(url) && resolve());
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  const headers = { Authorization: `Bearer ${token}` };
  return {
    url,
    headers,
    connect: async () => {
      const client = new Client({ name: 'flotilla-test', version: '1.0.0' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
      return callsOf(client);
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      return ((await ended) as [number | null])[0];
    },
  };
}
