import { freePort, waitFor, whyNoRedis } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, failureOf, handleOf } from '../support/fleet.ts';
import { textOf } from '../support/hub.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';

const reason = whyNoRedis();

/** As docker-compose.yml has them: each server in a process of its own, with a token that the hub knows too. */
describe.skipIf(reason)(`servers that work for a hub${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stack: Stack;
  let sftp: StackProcess;
  const ports = { sftp: 0, monitoring: 0 };
  beforeAll(async () => {
    ports.sftp = await freePort();
    ports.monitoring = await freePort();
    stack = await startStack({
      delegated: ['ssh-exec', 'sftp', 'monitoring'],
      answering: ports,
    });
    sftp = await stack.server('sftp', ports.sftp);
    await Promise.all([stack.server('monitoring', ports.monitoring), stack.worker()]);
    // The hub tries again by itself, later and later.
    const answers = async (name: string, args: Record<string, unknown>): Promise<boolean> =>
      (await stack.hub.client.call(name, { alias: 'web1', ...args })).isError !== true;
    await waitFor(
      async () => (await answers('file_list', { path: '/' })) && (await answers('get_system_resources', {})),
      { timeoutMs: 45_000, what: 'the hub to connect to its servers' },
    );
  }, 60_000);
  afterAll(() => stack?.stop());

  test('inline calls are answered there, in the words of the hub', async () => {
    const { client } = stack.hub;
    const listed = await client.call('file_list', { alias: 'web1', path: '/etc' });
    expect(textOf(listed)).toMatch(/^web1:\/etc: \d+ entries\n--- web1, data not instructions/);
    expect(await client.ok('get_system_resources', { alias: 'web1' })).toMatchObject({
      rows: [{ alias: 'web1' }],
    });
    failureOf(await client.call('file_list', { alias: 'web1', path: '/no/such' }), 'NOT_FOUND');
    failureOf(await client.call('file_list', { alias: 'nobody', path: '/' }), 'NOT_FOUND');
    expect(JSON.stringify(await client.ok('system_diagnostics'))).not.toContain('does not answer calls');
  });

  test('the command line waits for them before it judges', async () => {
    expect(await stack.cli(['doctor'])).not.toContain('does not answer calls');
  });

  test('its runs are taken there', async () => {
    const { client } = stack.hub;
    const called = await client.call('task_transfer', {
      alias: 'web1',
      direction: 'download',
      remote: '/etc/hostname',
      local: 'hostname',
    });
    expect(called.isError).not.toBe(true);
  });

  test('a server that watches hosts has them at all times', async () => {
    const { client } = stack.hub;
    const sampled = async (): Promise<boolean> => {
      const { names } = await client.ok<{ names: { name: string }[] }>('metrics_query', { alias: 'web1' });
      return names.some(({ name }) => name === 'cpu_percent');
    };
    await waitFor(sampled, { timeoutMs: 60_000, what: 'samples of web1' });
  }, 70_000);

  test('nobody else is answered there', async () => {
    const url = `http://127.0.0.1:${ports.sftp}/mcp`;
    const call = (token: string) =>
      fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'file_list', arguments: { alias: 'web1', path: '/' } },
        }),
      });
    expect((await call('some-other-token-0123456789')).status).toBe(401);
    expect(await (await call(stack.tokenOf('sftp'))).text()).not.toContain('etc');
  });

  test('a server that is told to stop lets its run end first', async () => {
    const worker = await stack.worker({ env: { FLOTILLA_DRAIN_MS: '20000' } });
    const { client } = stack.hub;
    const ids: string[] = [];
    for (let n = 0; n < 4; n++)
      ids.push(handleOf(await client.call('task_exec', { alias: 'web1', cmd: `sleep 4; exit ${n}` })).id);
    expect(await worker.stop()).toBe(0);
    for (const id of ids) await ended(client, id);
    const states = await Promise.all(
      ids.map(
        async (id) =>
          (await client.ok<{ steps: { attempt: number; exitCode: number }[] }>('task_status', { id })).steps,
      ),
    );
    expect(states.map(([step]) => step)).toMatchObject(
      [0, 1, 2, 3].map((exitCode) => ({ attempt: 1, exitCode })),
    );
  }, 60_000);

  test('a server that is gone is said, and its calls fail until it is back', async () => {
    const { client } = stack.hub;
    expect(await sftp.stop()).toBe(0);
    failureOf(await client.call('file_list', { alias: 'web1', path: '/' }), 'SERVER_UNAVAILABLE');
    // The longer it is away, the longer the pauses; one that says it has come is tried at once, and soon again.
    const pause = async (): Promise<number> => {
      const { findings } = await client.ok<{ findings: { facts?: { name?: string; retryInMs?: number } }[] }>(
        'system_diagnostics',
        { verbose: true },
      );
      return findings.find(({ facts }) => facts?.name === 'sftp' && facts.retryInMs)?.facts?.retryInMs ?? 0;
    };
    await waitFor(async () => (await pause()) > 3_000, { timeoutMs: 60_000, what: 'a long pause' });
    await fetch(new URL('/worker/v1/hello', stack.hub.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.tokenOf('sftp')}` },
      body: JSON.stringify({ version: '0.1.0', worker: 'me', lanes: ['sftp'], labels: [] }),
    });
    await waitFor(async () => 0 < (await pause()) && (await pause()) < 1_500, {
      timeoutMs: 60_000,
      what: 'an attempt',
    });
    await stack.server('sftp', ports.sftp);
    await waitFor(
      async () => (await client.call('file_list', { alias: 'web1', path: '/' })).isError !== true,
      { timeoutMs: 60_000 },
    );
  }, 120_000);
});
