import { importBusybox, startRegistry, type TestRegistry, whyNoRegistry } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { composeFolder } from '../helpers/compose-folder.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';

const reason = whyNoCompose() ?? whyNoRegistry();
const skipped = reason ? ` (skipped: ${reason})` : '';

interface Updated {
  outcome?: string;
  reason?: string;
  imageId?: string;
  plan: { check: { state: string } };
  rollback?: object;
}

describe.skipIf(reason !== undefined)(`image updates with a way back${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  let registry: TestRegistry;
  let app: string;
  const docker = (...args: string[]): string => on.dockerd.docker(...args);
  const inspect = (name: string) => JSON.parse(docker('inspect', name))[0];
  /** Pushes a new version under the same tag; the host forgets it again. */
  const push = (version: string, ...changes: string[]): void => {
    importBusybox(on.dockerd, `${app}-next`, { files: { 'etc/version': version }, changes });
    docker('tag', `${app}-next`, app);
    docker('push', '--quiet', app);
  };
  /** The image as another machine would have pushed it: the host still has the old one under the tag. */
  const pushElsewhere = (version: string, ...changes: string[]): void => {
    const old = inspect(app).Id;
    push(version, ...changes);
    docker('tag', old, app);
    docker('rmi', '-f', `${app}-next`);
  };

  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry?.stop());
  afterEach(() => {
    const ids = docker('ps', '-aq').split('\n').filter(Boolean);
    if (ids.length > 0) docker('rm', '-f', ...ids);
  });

  test("'image_update' of a compose service that gets ill goes back to the old containers and the old image", async () => {
    app = `${registry.address}/team/ill:1`;
    push('one', 'HEALTHCHECK --interval=300ms --retries=2 CMD true');
    const folder = composeFolder(
      `name: ill\nservices:\n  web:\n    image: ${app}\n    network_mode: none\n    stop_signal: SIGKILL\n    command: sleep 1000\n`,
    );
    await on.server.ok('compose_up', { alias: 'web1', path: folder.path });
    const before = inspect('ill-web-1');
    pushElsewhere('two', 'HEALTHCHECK --interval=300ms --retries=2 CMD echo out of order; false');
    const answer = await on.server.call('image_update', { alias: 'web1', project: 'ill', service: 'web' });
    expect(answer.isError).toBe(true);
    const update = answer.structuredContent as unknown as Updated;
    expect(update).toMatchObject({
      outcome: 'rolled_back',
      rollback: { restored: ['ill-web-1'], problems: [] },
    });
    expect(JSON.stringify(answer.content)).toContain('out of order');
    const after = inspect('ill-web-1');
    expect(after.Id).toBe(before.Id);
    expect(after.State.Running).toBe(true);
    expect(inspect(app).Id).toBe(before.Image);
    expect(docker('ps', '-a', '--format', '{{.Names}}')).toBe('ill-web-1');
    const up = await on.server.ok<Updated>('compose_up', { alias: 'web1', path: folder.path });
    expect(up.outcome).toBe('unchanged');
    folder.remove();
  });
});
