import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ComposeFolder, composeFolder } from '../helpers/compose-folder.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

const SHOP = `# The shop
name: shop
services:
  # answers the customers
  web:
    image: app:1 # pinned
    network_mode: none
    stop_signal: SIGKILL
    command: sh -c 'echo hello from web; echo an ERROR here >&2; exec sleep 1000'
    environment:
      DB_PASSWORD: hunter2hunter2
      MODE: fast
    volumes: ["data:/data"]
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
  worker:
    image: app:1
    networks: [inner]
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
    stop_signal: SIGKILL
    command: sleep 1000
volumes:
  data:
networks:
  inner:
`;

describe.skipIf(reason !== undefined)(`compose projects that end${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  let folder: ComposeFolder;
  const args = (more = {}) => ({ alias: 'web1', path: folder.path, ...more });

  beforeEach(() => {
    folder = composeFolder(SHOP, 'a project\'s "folder"\n$(touch pwned) `id`; x');
  });
  afterEach(() => {
    const ids = on.dockerd.docker('ps', '-aq').split('\n').filter(Boolean);
    if (ids.length > 0) on.dockerd.docker('rm', '-f', ...ids);
    const volumes = on.dockerd.docker('volume', 'ls', '-q').split('\n').filter(Boolean);
    if (volumes.length > 0) on.dockerd.docker('volume', 'rm', ...volumes);
    folder.remove();
  });

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
