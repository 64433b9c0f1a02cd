import { whyNoDockerd } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost } from '../helpers/docker-host.ts';

const reason = whyNoDockerd();

describe.skipIf(reason !== undefined)(`following${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = dockerHost();
  const run = (...args: string[]): string => on.dockerd.docker('run', '-d', ...args);
  const row = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.row<T>(name, { alias: 'web1', ...args });

  test('following a log is a run that ends with its container', async () => {
    run('--name', 'slow', 'app:1', 'sh', '-c', 'echo one; sleep 2; echo two');
    const answer = await row<{ lines: string[] }>('get_docker_logs', {
      container: 'slow',
      follow: true,
      timeout: 30,
    });
    expect(answer.lines).toEqual(['one', 'two']);
  });

  test('following events is a run that ends with its time', async () => {
    run('--name', 'dies', 'app:1', 'sh', '-c', 'exit 4');
    const followed = row<{ events: Record<string, string>[] }>('docker_events', {
      follow: true,
      timeout: 4,
      type: 'container',
    });
    const starting = setInterval(() => on.dockerd.docker('start', 'dies'), 500);
    try {
      expect((await followed).events).toContainEqual(
        expect.objectContaining({ action: 'die', name: 'dies' }),
      );
    } finally {
      clearInterval(starting);
    }
  });
});
