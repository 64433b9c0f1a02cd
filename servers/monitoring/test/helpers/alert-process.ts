import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { tempDir } from '@flotilla/testkit';
import { monitoring } from '../../src/server.ts';

/** The server without hosts whose hub may reach loopback, and for which one receiver stands in for all services. */
export async function alertProcess(
  config: Record<string, unknown> = {},
  options: { background?: boolean } = {},
): Promise<OpenServer & { home: string }> {
  const home = tempDir('flotilla-alerts-');
  const file = join(home.path, 'config.json');
  writeFileSync(
    file,
    JSON.stringify({ servers: { monitoring: { hubMayReach: ['127.0.0.0/8'], ...config } } }),
  );
  const server = await openServer(monitoring, { HOME: home.path, FLOTILLA_CONFIG: file }, options);
  return Object.assign(Object.create(server) as OpenServer, {
    home: home.path,
    close: async () => {
      await server.close();
      home.remove();
    },
  });
}

/** What alert_list answers. */
export interface ListedAlerts {
  alerts: {
    alert: string;
    state: string;
    source: string;
    alias?: string;
    summary: string;
    fingerprint: string;
    labels: Record<string, string>;
  }[];
}
