import { whyNoDockerd } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost } from '../helpers/docker-host.ts';

const reason = whyNoDockerd();

describe.skipIf(reason !== undefined)(`networks and volumes${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = dockerHost();
  const row = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.row<T>(name, { alias: 'web1', ...args });
  const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.ok<T>(name, { alias: 'web1', ...args });
  const fails = (name: string, args: Record<string, unknown> = {}) =>
    on.server.fails(name, { alias: 'web1', ...args });

  test('a network from its making to its removal', async () => {
    expect(
      await call('network_create', {
        network: 'shop',
        subnet: '172.31.77.0/24',
        internal: true,
        labels: { team: 'a', api_key: 'abcdef99' },
      }),
    ).toMatchObject({ network: 'shop', subnets: ['172.31.77.0/24'] });
    on.dockerd.docker('run', '-d', '--name', 'db', '--network', 'shop', 'app:1', 'sleep', '600');
    const { network: seen } = await row('network_inspect', { network: 'shop' });
    expect(seen).toMatchObject({
      internal: true,
      containers: [{ name: 'db', address: '172.31.77.2/24' }],
      labels: { team: 'a', api_key: '[hidden]' },
    });
    const { rows } = await call<{ rows: { networks: { name: string }[] }[] }>('network_list');
    expect(rows[0]?.networks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['shop', 'host', 'none']),
    );
    expect(await call('network_remove', { network: 'shop', dryRun: true })).toMatchObject({
      removed: false,
      containers: ['db'],
    });
  });

  test('a network with containers in it stays', async () => {
    expect(await fails('network_remove', { network: 'shop' })).toMatchObject({ code: 'CONFLICT' });
    on.dockerd.docker('rm', '-f', 'db');
  });

  test('and it goes', async () => {
    expect(await call('network_remove', { network: 'shop' })).toMatchObject({ removed: true });
    expect(on.dockerd.docker('network', 'ls', '-q', '--filter', 'name=shop')).toBe('');
  });

  test("refusals: 'network_create' 'network_remove' 'network_inspect' 'network_list': ALREADY_EXISTS: DENIED: NOT_FOUND:", async () => {
    expect(await fails('network_create', { network: 'host' })).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await fails('network_remove', { network: 'host' })).toMatchObject({ code: 'DENIED' });
    expect(await fails('network_inspect', { network: 'hots' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'host' },
    });
    expect(await on.server.fails('network_list', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a volume from its making to its removal', async () => {
    expect(await call('volume_create', { volume: 'store', labels: { team: 'a' } })).toMatchObject({
      volume: 'store',
      driver: 'local',
    });
    on.dockerd.docker(
      'run',
      '--name',
      'writer',
      '-v',
      'store:/data',
      'app:1',
      'sh',
      '-c',
      'head -c 200000 /dev/zero > /data/file',
    );
    const { volume: seen } = await row<{ volume: { bytes: number } }>('volume_inspect', { volume: 'store' });
    expect(seen).toMatchObject({
      usedBy: ['writer'],
      labels: { team: 'a' },
      mountpoint: expect.stringContaining('store'),
    });
    expect(seen.bytes).toBeGreaterThanOrEqual(200_000);
    await call('volume_create', { volume: 'spare' });
    const { rows } = await call<{ rows: { volumes: { name: string; usedBy: string[] }[] }[] }>('volume_list');
    expect(rows[0]?.volumes).toMatchObject([
      { name: 'spare', usedBy: [] },
      { name: 'store', usedBy: ['writer'] },
    ]);
    const unused = await call<{ rows: { volumes: { name: string }[] }[] }>('volume_list', { unused: true });
    expect(unused.rows[0]?.volumes.map(({ name }) => name)).toEqual(['spare']);
    expect(await call('volume_remove', { volume: 'store', dryRun: true })).toMatchObject({
      removed: false,
      usedBy: ['writer'],
    });
  });

  test('what they take on the disk', async () => {
    const { rows, text } = await call<{
      rows: { volumes: object[]; kinds: { kind: string; bytes: number }[] }[];
    }>('docker_df');
    expect(rows[0]?.volumes[0]).toMatchObject({ name: 'store', used: true });
    expect(rows[0]?.kinds.map(({ kind }) => kind)).toEqual([
      'images',
      'containers',
      'volumes',
      'build cache',
    ]);
    expect(rows[0]?.kinds[0]?.bytes).toBeGreaterThan(500_000);
    expect(text).toContain('volume store');
  });

  test('a volume with data goes only when nothing mounts it', async () => {
    expect(await fails('volume_remove', { volume: 'store' })).toMatchObject({
      code: 'CONFLICT',
      details: { remote: 'writer' },
    });
    on.dockerd.docker('rm', 'writer');
  });

  test('then it goes', async () => {
    expect(await call('volume_remove', { volume: 'store' })).toMatchObject({ removed: true });
    expect(on.dockerd.docker('volume', 'ls', '-q')).toBe('spare');
  });

  test("refusals: 'volume_create' 'volume_inspect' 'volume_list' 'volume_remove': ALREADY_EXISTS: NOT_FOUND:", async () => {
    expect(await fails('volume_create', { volume: 'spare' })).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await fails('volume_inspect', { volume: 'spar' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'spare' },
    });
    expect(await fails('volume_remove', { volume: 'gone' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await on.server.fails('volume_list', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
