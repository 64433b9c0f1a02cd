import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import { type BusyboxHost, startBusyboxHost, tempDir, whyNoBusybox } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monitoring } from '../../src/server.ts';
import { whySkipped } from '../helpers/vps-process.ts';
import { webServer } from '../helpers/web-server.ts';

const reason = whyNoBusybox();

describe.skipIf(reason !== undefined)(`a host with nothing but busybox${whySkipped(reason)}`, () => {
  const home = tempDir('flotilla-monitoring-busybox-');
  let host: BusyboxHost;
  let on: OpenServer;
  beforeAll(async () => {
    host = await startBusyboxHost();
    mkdirSync(join(host.root, 'var/log/nginx'), { recursive: true });
    writeFileSync(
      join(host.root, 'var/log/nginx/error.log'),
      '2099/01/01 00:00:00 [error] 7#7: boom 1\n2099/01/01 00:00:00 [error] 7#7: boom 2\n',
    );
    on = await openServer(monitoring, { HOME: home.path });
    const { port, user, keyPath } = host;
    await on.runtime.services.inventory.save(
      { alias: 'tiny', host: host.host, port, user, keyPath },
      { person: true },
    );
  });
  afterAll(async () => {
    await on?.close();
    await host?.stop();
    home.remove();
  });

  test('get_services_status says what is not there', async () => {
    const { rows } = await on.ok<{ rows: object[] }>('get_services_status', { alias: 'tiny' });
    expect(rows).toMatchObject([
      { state: 'ok', problems: 0, services: [], notes: [expect.stringContaining('no systemd here')] },
    ]);
  });

  test('port_list reads /proc', async () => {
    const web = await webServer((_, response) => response.end());
    const { rows } = await on.ok<{ rows: { ports: object[] }[] }>('port_list', {
      alias: 'tiny',
      port: web.port,
    });
    expect(rows[0]?.ports).toMatchObject([
      { port: web.port, protocol: 'tcp', exposure: 'loopback', addresses: ['127.0.0.1'] },
    ]);
  });

  test('tail_file and log_search', async () => {
    const tail = await on.row<{ lines: string[] }>('tail_file', {
      alias: 'tiny',
      filepath: '/var/log/nginx/error.log',
      lines: 1,
    });
    expect(tail.lines).toEqual(['2099/01/01 00:00:00 [error] 7#7: boom 2']);
    const { rows } = await on.ok<{ rows: { groups: object[] }[] }>('log_search', {
      alias: 'tiny',
      query: 'BOOM',
      until: '2100-01-01T00:00:00Z',
    });
    expect(rows[0]?.groups).toMatchObject([
      { count: 2, level: 'error', message: '[error] <n>#<n>: boom <n>' },
    ]);
    const follow = await on.row<{ lines: string[] }>('tail_file', {
      alias: 'tiny',
      filepath: '/var/log/nginx/error.log',
      lines: 2,
      grep: 'boom 1',
      follow: true,
      followSeconds: 1,
    });
    expect(follow.lines).toEqual(['2099/01/01 00:00:00 [error] 7#7: boom 1']);
  });

  test('check_api_health and checks look through it', async () => {
    const web = await webServer((_, response) => response.end('x'));
    expect(await on.row('check_api_health', { alias: 'tiny', url: web.url })).toMatchObject({ status: 'UP' });
    const { first } = await on.ok<{ first: object }>('check_add', {
      name: 'sh',
      kind: 'command',
      command: 'test -x /bin/busybox',
      from: ['tiny'],
    });
    expect(first).toMatchObject({ status: 'up' });
  });
});
