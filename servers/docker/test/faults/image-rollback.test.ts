import { whyNoRegistry } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { composeFolder } from '../helpers/compose-folder.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { imageVersions, type Updated } from '../helpers/image-versions.ts';

const reason = whyNoCompose() ?? whyNoRegistry();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`image updates with a way back${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const versions = imageVersions(on);
  const { docker, inspect, push, pushElsewhere } = versions;

  test("'image_update' of a compose service that gets ill goes back to the old containers and the old image", async () => {
    const app = `${versions.registry.address}/team/ill:1`;
    versions.app = app;
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
