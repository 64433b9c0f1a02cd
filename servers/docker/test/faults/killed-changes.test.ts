import { isOpen, type RunView } from '@flotilla/core';
import { importBusybox, startRegistry, whyNoRegistry } from '@flotilla/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { type ComposeFolder, composeFolder } from '../helpers/compose-folder.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { killedCall } from '../helpers/killed-call.ts';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
const reason = whyNoCompose() ?? whyNoRegistry();
const skipped = reason ? ` (skipped: ${reason})` : '';

const file = (command: string, health: string): string => `name: kill
services:
  a:
    image: app:1
    network_mode: none
    stop_signal: SIGKILL
    command: ${command}
    healthcheck: { test: ["CMD-SHELL", "${health}"], interval: 1s, retries: 2 }
  b:
    image: app:1
    network_mode: none
    stop_signal: SIGKILL
    command: ${command}
    depends_on: { a: { condition: service_started } }
`;

/** A change whose process is killed at some point ends as if nothing had happened, by the next process. */
describe.skipIf(reason !== undefined)(
  `changes whose process is killed -9${skipped}`,
  { timeout: 900_000 },
  () => {
    const on = dockerHost();
    let folder: ComposeFolder;
    const docker = (...args: string[]): string => on.dockerd.docker(...args);
    const running = (): string[] =>
      docker('ps', '-a', '--no-trunc', '--format', '{{.Names}} {{.State}} {{.Command}}')
        .split('\n')
        .filter(Boolean)
        .sort();
    const endOf = async (id: string): Promise<RunView> => {
      const view = await on.server.current().services.engine.runs.wait(id, 180_000);
      expect(isOpen(view.state), `${id} is ${view.state}: ${view.waitingFor}`).toBe(false);
      return view;
    };

    afterEach(() => {
      const ids = docker('ps', '-aq').split('\n').filter(Boolean);
      if (ids.length > 0) docker('rm', '-f', ...ids);
      folder?.remove();
    });

    for (let round = 0; round < ROUNDS; round++) {
      const delayMs = Math.round(((round + Math.random()) * 5_000) / ROUNDS);

      test(`compose_up killed after ${delayMs} ms is finished`, async () => {
        folder = composeFolder(file('sleep 1000', 'true'));
        await on.server.ok('compose_up', { alias: 'web1', path: folder.path });
        folder.write(file('sleep 2000', 'true'));
        const id = await killedCall(
          on.server.env,
          'compose_up',
          { alias: 'web1', path: folder.path },
          delayMs,
        );
        const end = await endOf(id);
        expect(end).toMatchObject({ state: 'succeeded', output: { outcome: 'applied' } });
        expect(running()).toEqual(['kill-a-1 running "sleep 2000"', 'kill-b-1 running "sleep 2000"']);
      });

      test(`compose_up with a failing gate killed after ${delayMs * 2} ms is rolled back`, async () => {
        folder = composeFolder(file('sleep 1000', 'true'));
        await on.server.ok('compose_up', { alias: 'web1', path: folder.path });
        folder.write(file('sleep 3000', 'false'));
        const id = await killedCall(
          on.server.env,
          'compose_up',
          { alias: 'web1', path: folder.path },
          delayMs * 2,
        );
        const end = await endOf(id);
        expect(end).toMatchObject({ state: 'failed', output: { outcome: 'rolled_back' } });
        expect(running()).toEqual(['kill-a-1 running "sleep 1000"', 'kill-b-1 running "sleep 1000"']);
      });
    }

    test(`image_update to an ill image killed at ${ROUNDS} points is rolled back`, async () => {
      folder = composeFolder(file('sleep 1', 'true'));
      const registry = await startRegistry();
      try {
        for (let round = 0; round < ROUNDS; round++) {
          const app = `${registry.address}/team/app:${round}`;
          importBusybox(on.dockerd, app, { files: { 'etc/version': `old${round}` } });
          docker('push', '--quiet', app);
          const old = JSON.parse(docker('inspect', app))[0].Id as string;
          docker(
            'run',
            '-d',
            '--name',
            'kept',
            '--network',
            'none',
            '--stop-signal',
            'KILL',
            app,
            'sleep',
            '1000',
          );
          const before = JSON.parse(docker('inspect', 'kept'))[0].Id as string;
          importBusybox(on.dockerd, app, {
            files: { 'etc/version': `new${round}` },
            changes: ['HEALTHCHECK --interval=1s --retries=3 CMD false'],
          });
          docker('push', '--quiet', app);
          docker('tag', old, app);
          const delayMs = Math.round(((round + Math.random()) * 8_000) / ROUNDS);
          const id = await killedCall(
            on.server.env,
            'image_update',
            { alias: 'web1', container: 'kept' },
            delayMs,
          );
          const end = await endOf(id);
          expect(end, `killed after ${delayMs} ms`).toMatchObject({
            state: 'failed',
            output: { outcome: 'rolled_back' },
          });
          expect(running()).toEqual(['kept running "sleep 1000"']);
          expect(JSON.parse(docker('inspect', 'kept'))[0]).toMatchObject({ Id: before, Image: old });
          docker('rm', '-f', 'kept');
        }
      } finally {
        await registry.stop();
      }
    });
  },
);
