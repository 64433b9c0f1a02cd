import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importBusybox, startDockerd, type TestDockerd, whyNoDockerd } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { example, HOSTS, program } from '../pipelines/example.ts';
import { pipelineWorld, x } from '../pipelines/world.ts';

const reason = whyNoDockerd();
describe.skipIf(reason !== undefined)(`with an engine${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let dockerd: TestDockerd;
  const on = pipelineWorld({
    config: async () => {
      dockerd = await startDockerd();
      const sockets = Object.fromEntries(HOSTS.map((alias) => [alias, dockerd.socket]));
      return { servers: { docker: { sockets } } };
    },
  });
  beforeAll(() => {
    importBusybox(dockerd, 'shop:1');
    for (const tag of ['2', '3', '4']) dockerd.docker('tag', 'shop:1', `shop:${tag}`);
  });
  afterAll(async () => {
    await dockerd?.stop();
  });

  test('rolling deploy: healthy and tested on every host, or back to what ran before', async () => {
    const shop = (alias: string) => join(on.sshd.home, 'shop', alias);
    for (const alias of HOSTS) {
      mkdirSync(shop(alias), { recursive: true });
      writeFileSync(join(shop(alias), '.env'), 'TAG=1\n');
      // Version 4 never becomes healthy.
      writeFileSync(
        join(shop(alias), 'compose.yaml'),
        `name: shop-${alias}\nservices:\n  app:\n    image: shop:$\{TAG}\n    network_mode: none\n    stop_signal: SIGKILL\n    command: sleep 100000\n` +
          '    environment: [TAG]\n    healthcheck: { test: ["CMD-SHELL", "test $$TAG != 4"], interval: 300ms, retries: 3 }\n',
      );
      program(join(shop(alias), 'smoke-test'), `test "$1" != 3 || test ${alias} != web2`);
    }
    const definition = example('rolling-deploy', { '/srv/shop': `${on.sshd.home}/shop/${x('each.alias')}` });
    const deploy = (tag: string) => on.run(definition, { inputs: { tag } });
    const runs = () =>
      HOSTS.map((alias) =>
        dockerd.docker('inspect', '-f', '{{.Config.Image}}', `shop-${alias}-app-1`).trim(),
      );

    const first = await deploy('1');
    expect(first.failure).toBeUndefined();
    expect(first.report.state).toBe('succeeded');
    expect((await deploy('2')).report.state).toBe('succeeded');
    expect(runs()).toEqual(Array(3).fill('shop:2'));

    const untested = await deploy('3');
    expect(untested.report).toMatchObject({
      state: 'failed',
      undone: true,
      steps: [
        { undo: 'undone' },
        { undo: 'undone' },
        { state: 'succeeded' },
        { key: 'smoke_test', state: 'failed' },
      ],
    });
    expect(runs()).toEqual(Array(3).fill('shop:2'));

    const unhealthy = await deploy('4');
    expect(unhealthy.report.steps[2]?.items.map(({ state }) => state)).toEqual([
      'failed',
      'not_started',
      'not_started',
    ]);
    expect(runs()).toEqual(Array(3).fill('shop:2'));
    for (const alias of HOSTS) expect(readFileSync(join(shop(alias), '.env'), 'utf8')).toBe('TAG=2\n');
  }, 240_000);
});
