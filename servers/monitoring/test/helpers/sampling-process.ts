import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metrics } from '@flotilla/metrics';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { type TestSshd, tempDir } from '@flotilla/testkit';
import { monitoring } from '../../src/server.ts';
import { historyOf } from './history.ts';

export interface SamplingProcess {
  home: string;
  server: OpenServer;
  sshd: TestSshd;
  metrics: Metrics;
  addHost(alias: string, port?: number): Promise<void>;
  /** The page /metrics. */
  page(): Promise<string>;
  close(): Promise<void>;
}

/** A process that does the background work of the server, with `servers.monitoring` of its config and the host `web1`. */
export async function samplingProcess(
  config: object,
  sshd: TestSshd,
  longLived = true,
): Promise<SamplingProcess> {
  const home = tempDir('flotilla-sampling-');
  const dataDir = join(home.path, '.config/flotilla');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dataDir, 'config.json'), JSON.stringify({ servers: { monitoring: config } }));
  const server = await openServer(monitoring, { HOME: home.path }, { background: true, longLived });
  const metrics = historyOf(dataDir);
  const addHost = async (alias: string, port = sshd.port): Promise<void> => {
    const { host, user, keyPath } = sshd;
    await server.addHost(alias, { host, port, user, keyPath });
  };
  await addHost('web1');
  return {
    home: home.path,
    server,
    sshd,
    metrics,
    addHost,
    page: async () => {
      const page = server.runtime.pages.find(({ path }) => path === '/metrics');
      return (await page?.render?.())?.body ?? '';
    },
    close: async () => {
      await metrics.close();
      await server.close();
      await sshd.stop();
      home.remove();
    },
  };
}
