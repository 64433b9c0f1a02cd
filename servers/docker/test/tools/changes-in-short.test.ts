import { importBusybox, whyNoRegistry } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { imageVersions, type Updated } from '../helpers/image-versions.ts';

const reason = whyNoCompose() ?? whyNoRegistry();
const skipped = reason ? ` (skipped: ${reason})` : '';
const HEALTHY = 'HEALTHCHECK --interval=200ms --retries=1 CMD true';

/** One good and one bad way through each change; every other way is in test/faults. */
describe.skipIf(reason !== undefined)(`changes in short${skipped}`, { timeout: 60_000 }, () => {
  const on = dockerHost();
  const versions = imageVersions(on);
  const { docker, inspect } = versions;
  const update = (container: string, more: object = {}) =>
    on.server.call('image_update', { alias: 'web1', container, ...more });
  const start = (name: string, ...args: string[]): void => {
    docker('run', '-d', '--name', name, '--network', 'none', '--stop-signal', 'KILL', ...args);
  };

  test('image_updates sees a newer image, image_update moves the container to it', async () => {
    const app = `${versions.registry.address}/team/app:1`;
    versions.app = app;
    versions.push('one', HEALTHY, 'CMD ["sleep", "1000"]');
    start('web', '--env', 'MODE=x', app);
    versions.pushElsewhere('two', HEALTHY, 'CMD ["sleep", "2000"]');
    const { rows } = await on.server.ok<{ rows: object[] }>('image_updates', { alias: 'web1' });
    expect(rows).toMatchObject([{ updates: 1, images: [{ image: app, state: 'behind' }] }]);
    expect((await update('web', { dryRun: true })).structuredContent).toMatchObject({ dryRun: true });
    const { outcome, imageId } = (await update('web')).structuredContent as unknown as Updated;
    expect(outcome).toBe('applied');
    expect(inspect('web')).toMatchObject({
      Image: imageId,
      Config: { Cmd: ['sleep', '2000'], Env: expect.arrayContaining(['MODE=x']) },
    });
  });

  test('one that gets ill goes back to the container and image from before', async () => {
    const app = `${versions.registry.address}/team/ill:1`;
    versions.app = app;
    versions.push('one', HEALTHY, 'CMD ["sleep", "1000"]');
    start('ill', app);
    const before = inspect('ill');
    const bad = 'HEALTHCHECK --interval=200ms --retries=1 CMD echo out of order; false';
    versions.pushElsewhere('two', bad, 'CMD ["sleep", "2000"]');
    const answer = await update('ill');
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { outcome: 'rolled_back', rollback: { restored: ['ill'], problems: [] } },
    });
    expect(inspect('ill')).toMatchObject({ Id: before.Id, Image: before.Image, State: { Running: true } });
  });

  test("'docker_prune' removes what its plan says", async () => {
    docker('run', '--name', 'ended', '-v', 'precious:/data', 'app:1', 'true');
    docker('network', 'create', 'lonely');
    for (const word of ['x', 'y']) importBusybox(on.dockerd, 'again:1', { files: { 'etc/word': word } });
    const options = { alias: 'web1', minAgeHours: 0, kinds: ['container', 'image', 'network', 'cache'] };
    const plan = await on.server.ok<{ token: string; items: { kind: string; name: string }[] }>(
      'docker_prune',
      { ...options, dryRun: true },
    );
    const planned = plan.items.map(({ kind, name }) => `${kind} ${name}`);
    expect(planned).toEqual(expect.arrayContaining(['container ended', 'network lonely']));
    const done = await on.server.ok('docker_prune', { ...options, token: plan.token });
    expect(done).toMatchObject({ removed: plan.items.length, failed: [] });
    expect(docker('ps', '-aq')).toBe('');
    expect(docker('volume', 'ls', '-q')).toBe('precious');
    expect(await on.server.fails('docker_prune', { ...options, token: 'x'.repeat(32) })).toMatchObject({
      code: expect.stringMatching(/CONFLICT|INVALID_INPUT/),
    });
  });

  test("'docker_update' changes limits of what runs", async () => {
    start('app', '--memory', '64m', 'app:1', 'sleep', '1000');
    const change = { alias: 'web1', container: 'app', memory: '128m', cpus: 0.5, restart: 'always' };
    const plan = await on.server.ok('docker_update', { ...change, dryRun: true });
    expect(plan).toMatchObject({ dryRun: true, before: { memoryBytes: 2 ** 26 } });
    expect(inspect('app').HostConfig.Memory).toBe(2 ** 26);
    const done = await on.server.ok('docker_update', change);
    expect(done).toMatchObject({ after: { memoryBytes: 2 ** 27 } });
    expect(inspect('app').HostConfig).toMatchObject({ Memory: 2 ** 27, RestartPolicy: { Name: 'always' } });
    const nothing = { alias: 'web1', container: 'app' };
    expect(await on.server.fails('docker_update', nothing)).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
