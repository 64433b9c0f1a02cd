import { whyNoPodman } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { podmanHost, startTalker } from '../helpers/podman-host.ts';

const reason = whyNoPodman();

describe.skipIf(reason !== undefined)(`Podman${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = podmanHost(startTalker);
  const row = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.row<T>(name, { alias: 'pod1', ...args });
  const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.ok<T>(name, { alias: 'pod1', ...args });
  const fails = (name: string, args: Record<string, unknown> = {}) =>
    on.server.fails(name, { alias: 'pod1', ...args });

  test('the same tools see it: list, inspect, logs, use, disk, problems', async () => {
    const engine = await on.server.engine('pod1');
    expect(engine).toMatchObject({
      kind: 'podman',
      version: expect.stringMatching(/^[45]\./),
      libpodVersion: expect.any(String),
    });
    const { rows, text } = await call<{ rows: { containers: object[] }[] }>('docker_list');
    expect(rows[0]?.containers).toMatchObject([
      { name: 'talker', state: 'running', image: 'localhost/box:1' },
    ]);
    expect(text).toContain('pod1 (podman');
    const { container: seen } = await row('docker_inspect', { container: 'talker' });
    expect(seen).toMatchObject({ name: 'talker', state: 'running', env: { API_TOKEN: '[hidden]' } });
    const { lines } = await row<{ lines: string[] }>('get_docker_logs', { container: 'talker' });
    expect(lines.toSorted()).toEqual(['hello', 'oops']);
    const stats = await call<{ rows: { containers: object[] }[] }>('docker_stats');
    expect(stats.rows[0]?.containers).toMatchObject([{ name: 'talker', memoryBytes: expect.any(Number) }]);
    expect(await call('docker_problems')).toMatchObject({ rows: [{ problems: [], checked: 1 }] });
    expect(await call('docker_df')).toMatchObject({ rows: [{ state: 'ok' }] });
    expect(await row('docker_events', { since: '10m' })).toMatchObject({ alias: 'pod1' });
  });

  test('images, networks, volumes', async () => {
    expect(await call('image_list')).toMatchObject({
      rows: [{ images: [{ tags: ['localhost/box:1'], usedBy: 1 }] }],
    });
    expect(await call('image_tag', { image: 'localhost/box:1', tag: 'localhost/box:2' })).toMatchObject({
      changed: true,
    });
    expect(await row('image_history', { image: 'localhost/box:1' })).toMatchObject({
      layers: [{ bytes: expect.any(Number) }],
    });
    expect(await call('image_remove', { image: 'localhost/box:2' })).toMatchObject({ deleted: false });
    expect(await call('volume_create', { volume: 'store' })).toMatchObject({ volume: 'store' });
    expect(await call('volume_list')).toMatchObject({ rows: [{ volumes: [{ name: 'store' }] }] });
    expect(await call('volume_remove', { volume: 'store' })).toMatchObject({ removed: true });
    expect(await call('network_list')).toMatchObject({ rows: [{ state: 'ok' }] });
  });

  test('pods: list, inspect, stop, start', async () => {
    on.podman.docker('pod', 'create', '--name', 'shop', '--infra=false', '--label', 'team=a');
    on.podman.docker(
      'run',
      '-d',
      '--pod',
      'shop',
      '--name',
      'shop-web',
      '--stop-timeout',
      '0',
      '--network',
      'none',
      'localhost/box:1',
      'sleep',
      '600',
    );
    const { rows } = await call<{ rows: { pods: object[] }[] }>('pod_list');
    expect(rows[0]?.pods).toMatchObject([
      { name: 'shop', status: 'Running', containers: [{ name: 'shop-web' }] },
    ]);
    expect(await row('pod_inspect', { pod: 'shop' })).toMatchObject({
      pod: { state: 'Running', labels: { team: 'a' }, containers: [{ name: 'shop-web', state: 'running' }] },
    });
    expect(await call('pod_stop', { pod: 'shop' })).toMatchObject({ before: 'Running', after: 'Exited' });
    expect(await call('pod_start', { pod: 'shop' })).toMatchObject({ after: 'Running' });
  }, 60_000);

  test("NOT_FOUND: 'pod_list' 'pod_inspect' 'pod_start' 'pod_stop'", async () => {
    expect(await on.server.fails('pod_list', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
    for (const name of ['pod_inspect', 'pod_start', 'pod_stop'])
      expect(await fails(name, { pod: 'shp' }), name).toMatchObject({
        code: 'NOT_FOUND',
        details: { nearest: 'shop' },
      });
  });
});
