import { docker, freePort, whyNoDocker } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';
import { whySkipped } from '../helpers/vps-process.ts';

const on = testProcess();

describe('one host of several is away', () => {
  beforeAll(async () => {
    await on.runtime.services.inventory.save(
      { alias: 'gone', host: '127.0.0.1', port: await freePort(), user: 'x', keyPath: on.sshd.keyPath },
      { person: true },
    );
  });

  test.each(['get_services_status', 'port_list', 'log_search', 'log_digest'])(
    '%s: its row says so, the others have theirs',
    async (name) => {
      const answer = await on.call(name, {
        alias: 'all',
        ...(name.startsWith('log') && { sources: ['nginx'] }),
      });
      const { rows } = answer.structuredContent as {
        rows: { alias: string; state: string; error?: { code: string } }[];
      };
      expect(answer.isError).toBe(true);
      expect(rows).toMatchObject([
        { alias: 'gone', state: 'failed', error: { code: 'CONNECTION_FAILED' } },
        { alias: 'web1', state: 'ok' },
      ]);
      expect(JSON.stringify(answer.content)).toContain('CONNECTION_FAILED');
    },
  );
});

test('get_services_status and port_list of nobody: NOT_FOUND', async () => {
  for (const name of ['get_services_status', 'port_list'])
    expect(await on.fails(name, { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
});

const noDocker = whyNoDocker();
describe.skipIf(noDocker !== undefined)(`containers${whySkipped(noDocker)}`, () => {
  const name = `flotilla-monitoring-${process.pid}`;
  beforeAll(() => {
    docker(
      'run',
      '-d',
      '--network',
      'none',
      '--name',
      name,
      'debian:12-slim',
      'sh',
      '-c',
      'echo \'error: cannot open $(id) `x` 4711\'; printf "\\033[31mred\\n"; exit 3',
    );
    docker('wait', name);
  });
  afterAll(() => {
    docker('rm', '-f', name);
  });

  test('a container that failed is a problem, with its exit code', async () => {
    const { rows } = await on.ok<{ rows: { services: { name: string }[] }[] }>('get_services_status', {
      alias: 'web1',
      kinds: ['docker'],
      text: name,
    });
    expect(rows[0]?.services).toMatchObject([{ kind: 'docker', name, health: 'failed', exitCode: 3 }]);
  });

  test('its log is found among all others', async () => {
    const { rows, text } = await on.ok<{ rows: { groups: object[] }[] }>('log_search', {
      alias: 'web1',
      sources: ['docker'],
      container: name,
    });
    expect(rows[0]?.groups).toMatchObject([
      { source: 'docker', origin: name, level: 'error', message: 'error: cannot open $(id) `x` <n>' },
      { count: 1 },
    ]);
    expect(text).not.toContain('\x1b');
    const errors = await on.ok<{ rows: { matched: number }[] }>('log_search', {
      alias: 'web1',
      sources: ['docker'],
      container: name,
      level: 'error',
      query: 'CANNOT',
    });
    expect(errors.rows[0]?.matched).toBe(1);
  });

  test('port_list names the container behind a published port', async () => {
    const port = await freePort();
    docker('network', 'create', name);
    try {
      docker(
        'run',
        '-d',
        '--network',
        name,
        '-p',
        `127.0.0.1:${port}:80`,
        '--name',
        `${name}-web`,
        'debian:12-slim',
        'sleep',
        '300',
      );
      const { rows } = await on.ok<{ rows: { ports: object[] }[] }>('port_list', { alias: 'web1', port });
      expect(rows[0]?.ports).toMatchObject([
        { port, protocol: 'tcp', exposure: 'loopback', process: 'docker-proxy', container: `${name}-web` },
      ]);
    } finally {
      docker('rm', '-f', `${name}-web`);
      docker('network', 'rm', name);
    }
  });
});
