import { whyNoRedis } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, handleOf, rowOf } from '../support/fleet.ts';
import { type Stack, startStack } from '../support/stack.ts';

const reason = whyNoRedis();

describe.skipIf(reason)(`runs that a worker takes${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  test('a run waits for a worker, says so, and is carried out by the first that comes', async () => {
    const { client } = stack.hub;
    const called = await client.call('task_exec', {
      alias: 'web1',
      cmd: 'echo hi; echo no >&2; exit 3' });
    const { id } = handleOf(called);
    expect(await client.ok('task_status', { id })).toMatchObject({
      state: 'queued',
      waitingFor: 'waiting for a worker of lane ssh-exec',
    });
    await stack.worker();
    await ended(client, id);
    const output = await client.ok('task_output', { id });
    expect(JSON.stringify(output)).toContain('hi');
    expect(await client.ok('task_status', { id })).toMatchObject({ state: 'failed' });
  }, 60_000);

  test('its answer comes as if the hub had done it', async () => {
    const row = rowOf(await stack.hub.client.call('task_exec', { alias: 'web1', cmd: 'echo out; exit 7' }));
    expect(row).toMatchObject({ exitCode: 7, stdout: 'out\n' });
  });
});
