import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolContext } from '@flotilla/core';
import type { Runtime } from '@flotilla/runtime';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { tempDir } from '@flotilla/testkit';
import type { Engine } from '../../src/lib/engine/engine.ts';
import { createEngines, engines } from '../../src/lib/engine/engines.ts';
import { docker } from '../../src/server.ts';

/** The server alone on a data folder of its own, without hosts. */
export interface TestServer extends OpenServer {
  /** The engine of a host, past the tools. */
  engine(alias: string): Promise<Engine>;
  /** What a tool's handler gets to reach engines. */
  context: Pick<ToolContext, 'use' | 'hosts' | 'signal'>;
  /** The runtime as it is now, also after a restart. */
  current(): Runtime;
  /** For another process on the same data folder. */
  env: Record<string, string>;
}

/** `sockets`: where the engines of hosts are, as the config says it. */
export async function testServer(options: { sockets: Record<string, string> }): Promise<TestServer> {
  const home = tempDir('flotilla-docker-');
  const config = join(home.path, 'config.json');
  writeFileSync(config, JSON.stringify({ servers: { docker: options } }));
  const env = { HOME: home.path, FLOTILLA_CONFIG: config };
  const server = await openServer(docker, env);
  const { hosts } = server.runtime.services;
  const all = createEngines(hosts, options.sockets);
  const context = {
    hosts,
    signal: new AbortController().signal,
    use: async (service: unknown) => {
      if (service !== engines) throw new Error('only the service of engines is here');
      return all as never;
    },
  };
  return {
    ...server,
    context,
    env,
    current: () => server.runtime,
    engine: (alias) => all.get(alias),
    close: async () => {
      all.close();
      await server.close();
      home.remove();
    },
  };
}
