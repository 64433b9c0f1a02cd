import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { startVps, type TestVps, tempDir, waitFor, whyNoVps } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { monitoring } from '../../src/server.ts';

export interface VpsProcess extends Omit<OpenServer, 'close'> {
  vps: TestVps;
}

/** For the names of suites: `''`, or why they are skipped. */
export const whySkipped = (reason: string | undefined): string =>
  reason === undefined ? '' : ` (skipped: ${reason})`;

export const noVps = whyNoVps();

/** The server on its own data folder with a whole server with systemd as host `vps1`, and `prepare` done there. */
export function vpsProcess(prepare: (vps: TestVps) => void | Promise<void>): VpsProcess {
  const on = {} as VpsProcess;
  const home = tempDir('flotilla-monitoring-vps-');
  let server: OpenServer;
  beforeAll(async () => {
    on.vps = await startVps();
    await waitFor(() => /running|degraded/.test(on.vps.run('systemctl is-system-running 2>&1; true')), {
      timeoutMs: 60_000,
      intervalMs: 100,
      what: 'the end of the boot',
    });
    await prepare(on.vps);
    server = await openServer(monitoring, { HOME: home.path });
    await server.addHost('vps1', on.vps);
    Object.defineProperties(on, Object.getOwnPropertyDescriptors(server));
  }, 180_000);
  afterAll(async () => {
    await server?.close();
    await on.vps?.stop();
    home.remove();
  });
  return on;
}
