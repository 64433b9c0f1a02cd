import {
  importBusybox,
  startDockerd,
  startSshd,
  type TestDockerd,
  type TestSshd,
  waitFor,
  whyNoDockerd,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../support/hub.ts';
import { startVariant, VARIANTS, type Variant } from '../support/variants.ts';

const reason = whyNoDockerd();

describe.skipIf(reason !== undefined)(
  `the docker server, whatever way it is mounted${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let dockerd: TestDockerd;
    let sshd: TestSshd;
    let variants: Variant[] = [];

    beforeAll(async () => {
      [dockerd, sshd] = await Promise.all([startDockerd(), startSshd()]);
      importBusybox(dockerd, 'app:1');
      dockerd.docker(
        'run',
        '-d',
        '--name',
        'web',
        '-e',
        'API_TOKEN=abcdef99',
        'app:1',
        'sh',
        '-c',
        'echo ready; exec sleep 600',
      );
      const config = { docker: { sockets: { web1: dockerd.socket } } };
      variants = await Promise.all(VARIANTS.map((name) => startVariant(name, sshd, ['docker'], config)));
      for (const variant of variants)
        await waitFor(async () => (await variant.tools()).includes('docker_list'), {
          timeoutMs: 60_000,
          what: `${variant.name} to have all tools`,
        });
    }, 120_000);
    afterAll(async () => {
      await Promise.all(variants.map((variant) => variant.close()));
      await sshd?.stop();
      await dockerd?.stop();
    }, 60_000);

    const everywhere = async <T>(ask: (variant: Variant) => Promise<T>): Promise<T> => {
      const answers = await Promise.all(variants.map(ask));
      for (const [index, answer] of answers.entries()) expect(answer, VARIANTS[index]).toEqual(answers[0]);
      return answers[0] as T;
    };

    test('the same tools', async () => {
      const tools = await everywhere(async (variant) =>
        (await variant.tools()).filter((name) => /^(docker|compose|image|network|volume|pod)_/.test(name)),
      );
      expect(tools).toEqual(expect.arrayContaining(['docker_problems', 'compose_up', 'image_update']));
    });

    test('the same answers: reads, a durable command, refusals, secrets hidden', async () => {
      const inspected = await everywhere((variant) =>
        variant.ok('docker_inspect', { alias: 'web1', container: 'web' }),
      );
      expect(inspected).toMatchObject({
        rows: [{ container: { name: 'web', state: 'running', env: { API_TOKEN: '[hidden]' } } }],
      });
      const logs = await everywhere((variant) =>
        variant.ok('get_docker_logs', { alias: 'web1', container: 'web', lines: 5 }),
      );
      expect(logs).toMatchObject({ rows: [{ lines: ['ready'] }] });
      const ran = await everywhere(async (variant) => {
        const call = { alias: 'web1', container: 'web', cmd: 'echo out; exit 3' };
        const { isError, structuredContent } = await variant.call('docker_exec', call);
        return { isError, exitCode: structuredContent?.['exitCode'], stdout: structuredContent?.['stdout'] };
      });
      expect(ran).toEqual({ isError: true, exitCode: 3, stdout: 'out\n' });
      const refused = await everywhere(async (variant) => {
        const { isError, structuredContent } = await variant.call('docker_stop', {
          alias: 'web1',
          container: 'wbe',
        });
        return { isError, code: structuredContent?.['code'], details: structuredContent?.['details'] };
      });
      expect(refused).toMatchObject({ isError: true, code: 'NOT_FOUND', details: { nearest: 'web' } });
      for (const variant of variants)
        expect(textOf(await variant.call('docker_list', { alias: 'all' })), variant.name).toContain('web');
    });
  },
);
