import { describe, expect, test } from 'vitest';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { shopProject } from '../helpers/shop-project.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`compose projects that end${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const shop = shopProject(on);
  const { args } = shop;

  test("'compose_restart' waits for health, 'compose_pull' says what is new, 'compose_down' keeps volumes unless named", async () => {
    await on.server.ok('compose_up', args());
    const restart = await on.server.ok<{ gate: { verdict: string; containers: unknown[] } }>(
      'compose_restart',
      { alias: 'web1', project: 'shop', services: ['web'] },
    );
    expect(restart.gate).toMatchObject({ verdict: 'ready', containers: [{ container: 'shop-web-1' }] });
    const plan = await on.server.ok<{ plan: object }>('compose_down', {
      alias: 'web1',
      project: 'shop',
      dryRun: true,
    });
    expect(plan.plan).toEqual({
      project: 'shop',
      containers: ['shop-web-1', 'shop-worker-1'],
      networks: ['shop_inner'],
      volumes: [],
      keptVolumes: ['shop_data'],
    });
    expect(on.dockerd.docker('ps', '-q').split('\n')).toHaveLength(2);
    await on.server.ok('compose_down', { alias: 'web1', project: 'shop' });
    expect(on.dockerd.docker('ps', '-aq')).toBe('');
    expect(on.dockerd.docker('volume', 'ls', '-q')).toBe('shop_data');
    await on.server.ok('compose_up', args());
    await on.server.ok('compose_down', { alias: 'web1', project: 'shop', volumes: ['data'] });
    expect(on.dockerd.docker('volume', 'ls', '-q')).toBe('');
  });
});
