import { isOpen, type RunView } from '@flotilla/core';
import { whyNoDockerd } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost } from '../helpers/docker-host.ts';
import { killedCall } from '../helpers/killed-call.ts';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
const reason = whyNoDockerd();
const skipped = reason ? ` (skipped: ${reason})` : '';

/** What a container does happens once, however often the process that asked for it dies. */
describe.skipIf(reason !== undefined)(
  `commands whose process is killed -9${skipped}`,
  { timeout: 300_000 },
  () => {
    const on = dockerHost();
    const endOf = async (id: string): Promise<RunView> => {
      const view = await on.server.runtime.services.engine.runs.wait(id, 120_000);
      expect(isOpen(view.state), `${id} is ${view.state}: ${view.waitingFor}`).toBe(false);
      return view;
    };
    const marks = (volume: string): string =>
      on.dockerd.docker('run', '--rm', '-v', `${volume}:/data`, 'app:1', 'cat', '/data/marks');

    for (let round = 0; round < ROUNDS; round++) {
      const delayMs = Math.round(((round + Math.random()) * 2_500) / ROUNDS);

      test(`docker_run killed after ${delayMs} ms ran once`, async () => {
        const args = {
          alias: 'web1',
          image: 'app:1',
          name: `job-${round}`,
          cmd: ['sh', '-c', 'echo mark >> /data/marks; sleep 1; echo done'],
          volumes: [`run-${round}:/data`],
          wait: true,
        };
        const end = await endOf(await killedCall(on.server.env, 'docker_run', args, delayMs));
        expect(end).toMatchObject({ state: 'succeeded', output: { exitCode: 0, lines: ['done'] } });
        expect(marks(`run-${round}`)).toBe('mark');
      });

      test(`docker_exec killed after ${delayMs} ms ran once`, async () => {
        const name = `app-${round}`;
        on.dockerd.docker('run', '-d', '--name', name, '-v', `exec-${round}:/data`, 'app:1', 'sleep', '600');
        const args = { alias: 'web1', container: name, cmd: 'echo mark >> /data/marks; sleep 1; echo done' };
        const end = await endOf(await killedCall(on.server.env, 'docker_exec', args, delayMs));
        expect(end).toMatchObject({ state: 'succeeded', output: { exitCode: 0, stdout: 'done\n' } });
        expect(marks(`exec-${round}`)).toBe('mark');
      });
    }
  },
);
