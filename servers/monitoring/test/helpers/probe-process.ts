import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { monitoring } from '../../src/server.ts';

export interface ProbeProcess extends Omit<OpenServer, 'close'> {
  /** Hosts `web1` and `web2`; `bare1` forbids forwards. */
  sshds: { web1: TestSshd; web2: TestSshd; bare1: TestSshd };
  dataDir: string;
  /** The same data folder in another process, so to say. */
  again(): Promise<OpenServer>;
}

/** The server with hosts to look from; the hub may reach loopback addresses but 127.0.0.66. */
export function probeProcess(options: { background?: boolean; strict?: boolean } = {}): ProbeProcess {
  const on = {} as ProbeProcess;
  const home = tempDir('flotilla-monitoring-probe-');
  const opened: OpenServer[] = [];
  const leave = async (server: OpenServer): Promise<void> => {
    const at = opened.indexOf(server);
    if (at < 0) return;
    opened.splice(at, 1);
    await server.close();
  };
  const open = async (): Promise<OpenServer> => {
    const server = await openServer(
      monitoring,
      { HOME: home.path },
      { background: options.background ?? false },
    );
    opened.push(server);
    return { ...server, close: () => leave(server) };
  };
  beforeAll(async () => {
    on.dataDir = join(home.path, '.config/flotilla');
    mkdirSync(on.dataDir, { recursive: true, mode: 0o700 });
    const hubMayReach = options.strict ? [] : ['127.0.0.0/26'];
    writeFileSync(
      join(on.dataDir, 'config.json'),
      JSON.stringify({ servers: { monitoring: { hubMayReach } } }),
    );
    const [web1, web2, bare1] = await Promise.all([
      startSshd(),
      startSshd(),
      startSshd({ config: ['AllowTcpForwarding no'] }),
    ]);
    on.sshds = { web1, web2, bare1 };
    const server = await open();
    for (const [alias, { host, port, user, keyPath }] of Object.entries(on.sshds))
      await server.addHost(alias, { host, port, user, keyPath });
    Object.defineProperties(on, Object.getOwnPropertyDescriptors(server));
    on.again = open;
  });
  afterAll(async () => {
    for (const server of [...opened]) await leave(server);
    for (const sshd of Object.values(on.sshds ?? {})) await sshd.stop();
    home.remove();
  });
  return on;
}
