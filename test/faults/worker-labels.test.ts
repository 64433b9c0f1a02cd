import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor, whyNoRedis } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, handleOf } from '../support/fleet.ts';
import { addHost } from '../support/hub.ts';
import { type Stack, startStack } from '../support/stack.ts';

const reason = whyNoRedis();

describe.skipIf(reason)(`hosts that only some workers reach${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stack: Stack;
  beforeAll(async () => {
    // What watches all hosts in the background would connect to them.
    stack = await startStack({ without: ['monitoring'] });
    await addHost(stack.hub.client, stack.home, stack.sshd, 'nas');
    await stack.cli(['worker', 'reach', 'nas', '--labels', 'office']);
    // Adding a host connects to it.
    await stack.hub.stop();
    await stack.startHub();
  }, 60_000);
  afterAll(() => stack?.stop());

  const state = async (id: string): Promise<string> =>
    (await stack.hub.client.ok<{ state: string }>('task_status', { id })).state;
  /** What the hub itself has connected to. */
  const ownConnections = async (): Promise<string> => {
    const { findings } = await stack.hub.client.ok<{ findings: { area: string; finding: string }[] }>(
      'system_diagnostics',
    );
    return findings.find(({ area }) => area === 'ssh connections')?.finding ?? '';
  };

  test('a run waits for a worker with the label, whatever other workers there are', async () => {
    const { client } = stack.hub;
    await stack.worker();
    const { id } = handleOf(await client.call('task_exec', { alias: 'nas', cmd: 'echo from the office' }));
    expect(await client.ok('task_status', { id })).toMatchObject({
      state: 'queued',
      waitingFor: 'waiting for a worker of lane ssh-exec that reaches office',
    });
    const { token } = JSON.parse(
      await stack.cli([
        'worker',
        'token',
        'add',
        'office',
        '--lanes',
        'ssh-exec',
        '--labels',
        'office',
        '--json',
      ]),
    ) as { token: string };
    await stack.worker({ token, labels: 'office' });
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded' });
  }, 60_000);

  test('its question, its stop and its remains on the host go through that worker', async () => {
    const { client } = stack.hub;
    const asked = await client.call('task_exec_interactive', {
      alias: 'nas',
      cmd: 'printf "name? "; read x; echo got $x',
    });
    const { id } = handleOf(asked);
    await waitFor(async () => (await state(id)) === 'waiting', { timeoutMs: 20_000 });
    await client.ok('task_answer', { id, answer: 'hello' });
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded' });
    const sleeping = handleOf(await client.call('task_exec', { alias: 'nas', cmd: 'sleep 300' })).id;
    await client.ok('task_cancel', { id: sleeping });
    expect(await ended(client, sleeping)).toMatchObject({ state: 'cancelled' });
    const runs = join(stack.sshd.home, '.flotilla', 'runs');
    await waitFor(
      () => readdirSync(runs, { recursive: true }).every((name) => !/(state|out)$/.test(String(name))),
      {
        timeoutMs: 20_000,
        what: 'the remains to be removed',
      },
    );
    expect(await ownConnections()).toContain('0 open to 0 host(s)');
  }, 60_000);

  test('a label is set by people only, and a token is for its labels only', async () => {
    expect(await stack.cli(['worker', 'reach', '--json'])).toContain('"office"');
    await expect(stack.worker({ labels: 'office' })).rejects.toThrow(/is not for label office/);
    const tools = await stack.hub.client.client.listTools();
    expect(tools.tools.filter(({ name }) => /reach|worker/.test(name))).toEqual([]);
  });
});
