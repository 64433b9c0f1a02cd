import { importBusybox, whyNoPodman } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { composeFolder } from '../helpers/compose-folder.ts';
import { whyNoCompose } from '../helpers/docker-host.ts';
import { podmanHost } from '../helpers/podman-host.ts';

const reason = whyNoPodman();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`changes on Podman${skipped}`, { timeout: 90_000 }, () => {
  const names = (items: { name: string }[]): string[] => items.map(({ name }) => name).sort();
  const on = podmanHost((podman) => {
    importBusybox(podman, 'localhost/used:1');
    importBusybox(podman, 'localhost/free:1', { files: { 'etc/x': 'free' } });
    importBusybox(podman, 'flotilla.rollback/shop:0123456789ab', { files: { 'etc/x': 'old' } });
    podman.docker('create', '--name', 'holder', '--network', 'none', 'localhost/used:1', 'true');
  });

  test("'docker_prune' names images in full and keeps those that are used or kept for a rollback", async () => {
    const options = { alias: 'pod1', kinds: ['image'], unusedImages: true, minAgeHours: 0 };
    const plan = await on.server.ok<{ token: string; items: { name: string }[]; kept: { name: string }[] }>(
      'docker_prune',
      { ...options, dryRun: true },
    );
    expect(names(plan.items)).toEqual(['localhost/free:1']);
    expect(names(plan.kept)).toEqual(['flotilla.rollback/shop:0123456789ab', 'localhost/used:1']);
    await on.server.ok('docker_prune', { ...options, token: plan.token });
    const left = on.podman.docker('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n').sort();
    expect(left).toEqual(['flotilla.rollback/shop:0123456789ab', 'localhost/used:1']);
  });

  test.skipIf(whyNoCompose() !== undefined)(
    "'compose_up' with the socket of Podman: applied, and rolled back",
    async () => {
      importBusybox(on.podman, 'docker.io/library/app:1');
      const file = (command: string): string =>
        `name: pods\nservices:\n  web:\n    image: app:1\n    network_mode: none\n    stop_signal: SIGKILL\n    command: ${command}\n`;
      const folder = composeFolder(file('sleep 1000'));
      const call = { alias: 'pod1', path: folder.path };
      expect(await on.server.ok('compose_up', call)).toMatchObject({ outcome: 'applied' });
      expect(await on.server.ok('compose_up', call)).toMatchObject({ outcome: 'unchanged' });
      folder.write(file('"false"'));
      const answer = await on.server.call('compose_up', call);
      expect(answer.structuredContent).toMatchObject({ outcome: 'rolled_back', rollback: { problems: [] } });
      const running = on.podman.docker('ps', '--format', '{{.Names}} {{.Command}}');
      expect(running).toMatch(/^pods-web-1 .*sleep 1000/);
      const updates = await on.server.ok<{ rows: { images: { state: string }[] }[] }>('image_updates', {
        alias: 'pod1',
      });
      expect(updates.rows[0]?.images.every(({ state }) => state !== 'gone')).toBe(true);
      folder.remove();
    },
  );
});
