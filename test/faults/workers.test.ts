import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProxy, tempDir, waitFor, whyNoRedis } from '@flotilla/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ended, handleOf, rowOf } from '../support/fleet.ts';
import { type Stack, startStack } from '../support/stack.ts';

const reason = whyNoRedis();
const LONG_MS = 240_000;

describe.skipIf(reason)(`workers and faults${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stack: Stack;
  let folder: ReturnType<typeof tempDir>;
  beforeEach(async () => {
    folder = tempDir('flotilla-effects-');
    stack = await startStack();
  });
  afterEach(async () => {
    await stack?.stop();
    folder?.remove();
  });

  const effects = (): string[] => {
    try {
      return readFileSync(join(folder.path, 'effects'), 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };

  /** A command of some seconds that leaves one line and ends with 7; resolves once it has begun. */
  async function begin(seconds = 6): Promise<string> {
    const file = join(folder.path, 'effects');
    const cmd = `echo effect >> ${file}; for i in $(seq ${seconds * 5}); do echo line $i; sleep 0.2; done; exit 7`;
    const { id } = handleOf(await stack.hub.client.call('task_exec', { alias: 'web1', cmd }));
    await waitFor(() => effects().length === 1, { timeoutMs: 30_000, what: 'the command to begin' });
    return id;
  }

  /** It ended as it should: once, with all its output and the true exit code. */
  async function once(id: string, seconds = 6): Promise<void> {
    const { client } = stack.hub;
    expect(await ended(client, id)).toMatchObject({ state: 'failed' });
    expect(effects()).toEqual(['effect']);
    const output = await client.ok<{ text: string }>('task_output', { id });
    const lines = Array.from({ length: seconds * 5 }, (_, i) => `line ${i + 1}\n`).join('');
    expect(JSON.stringify(output)).toContain(JSON.stringify(lines).slice(1, -1));
    const steps = (await client.ok<{ steps: { exitCode: number }[] }>('task_status', { id })).steps;
    expect(steps).toMatchObject([{ exitCode: 7, attempt: 1 }]);
  }

  test(
    'a worker that is killed is replaced by another, which attaches to the command',
    async () => {
      const first = await stack.worker();
      const id = await begin();
      await stack.worker();
      await first.kill();
      await once(id);
    },
    LONG_MS,
  );

  test(
    'a worker that was frozen wakes up to a run that is not its own any more',
    async () => {
      const first = await stack.worker();
      const id = await begin(8);
      first.signal('SIGSTOP');
      await stack.worker();
      await once(id, 8);
      first.signal('SIGCONT');
      const again = handleOrEnd(await stack.hub.client.call('task_exec', { alias: 'web1', cmd: 'exit 0' }));
      if (again) expect(await ended(stack.hub.client, again)).toMatchObject({ state: 'succeeded' });
      expect(await ended(stack.hub.client, id)).toMatchObject({ state: 'failed' });
      expect(effects()).toEqual(['effect']);
    },
    LONG_MS,
  );

  test(
    'a hub that is killed and started again finds its run going on, and its output whole',
    async () => {
      await stack.worker();
      const id = await begin();
      await stack.hub.kill();
      await stack.startHub();
      await once(id);
    },
    LONG_MS,
  );

  test(
    'a hub that stays away until the command has ended learns its end',
    async () => {
      await stack.worker();
      const id = await begin(3);
      await stack.hub.kill();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await stack.startHub();
      await once(id, 3);
    },
    LONG_MS,
  );

  test(
    'a worker that loses the hub for a while goes on',
    async () => {
      const hubPort = Number(new URL(stack.hub.url).port);
      const proxy = await startProxy({ port: hubPort });
      await stack.worker({ hubUrl: `http://127.0.0.1:${proxy.port}` });
      const id = await begin(8);
      proxy.refuse(true);
      proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      proxy.refuse(false);
      await once(id, 8);
      await proxy.stop();
    },
    LONG_MS,
  );

  test(
    'a worker that loses Redis for longer than its lease does not run anything twice',
    async () => {
      const proxy = await startProxy({ port: stack.redis.port });
      await stack.worker({ redisUrl: stack.redis.url.replace(String(stack.redis.port), String(proxy.port)) });
      const id = await begin(20);
      proxy.refuse(true);
      proxy.cut();
      await stack.worker();
      await once(id, 20);
      proxy.refuse(false);
      await proxy.stop();
    },
    LONG_MS,
  );

  test(
    'Redis is killed and comes back with its file',
    async () => {
      await stack.worker();
      const id = await begin();
      await stack.redis.kill();
      await stack.redis.start();
      await once(id);
      await works();
    },
    LONG_MS,
  );

  test(
    'Redis loses everything in the middle of a run',
    async () => {
      await stack.worker();
      const id = await begin(8);
      await stack.redis.command('FLUSHALL');
      await once(id, 8);
      await works();
    },
    LONG_MS,
  );

  test(
    'a revoked token ends its worker at once, and another takes its run',
    async () => {
      const { token } = JSON.parse(
        await stack.cli(['worker', 'token', 'add', 'leaving', '--lanes', 'ssh-exec', '--json']),
      ) as { token: string };
      const first = await stack.worker({ token });
      const id = await begin(8);
      await stack.cli(['worker', 'token', 'revoke', 'leaving']);
      expect(await first.exited).toBe(3);
      await stack.worker();
      await once(id, 8);
    },
    LONG_MS,
  );

  test(
    'a hub that is killed again and again while a sequence runs loses none of it and repeats none of it',
    async () => {
      await stack.worker();
      const steps = 6;
      const commands = Array.from({ length: steps }, (_, n) => ({
        cmd: `echo step ${n} >> ${join(folder.path, 'effects')}; sleep 1.5; echo out ${n}`,
      }));
      const { id } = handleOf(
        await stack.hub.client.call('task_exec_sequence', {
          alias: 'web1',
          commands: commands.map(({ cmd }) => cmd),
        }),
      );
      for (let kills = 0; kills < 5; kills++) {
        await new Promise((resolve) => setTimeout(resolve, 200 + kills * 450));
        await stack.hub.kill();
        await stack.startHub();
      }
      expect(await ended(stack.hub.client, id)).toMatchObject({ state: 'succeeded' });
      expect(effects()).toEqual(commands.map((_, n) => `step ${n}`));
    },
    LONG_MS,
  );

  test(
    'lines that are open but carry nothing, to the hub and then to Redis, are waited out',
    async () => {
      const hub = await startProxy({ port: Number(new URL(stack.hub.url).port) });
      const redis = await startProxy({ port: stack.redis.port });
      await stack.worker({
        hubUrl: `http://127.0.0.1:${hub.port}`,
        redisUrl: stack.redis.url.replace(String(stack.redis.port), String(redis.port)),
      });
      const id = await begin(10);
      for (const line of [hub, redis]) {
        line.freeze();
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        line.resume();
      }
      await once(id, 10);
      await works();
      await Promise.all([hub.stop(), redis.stop()]);
    },
    LONG_MS,
  );

  test(
    'sixty runs through a worker, a Redis and a hub that are killed one after the other are each done once',
    async () => {
      const doomed = await stack.worker();
      await stack.worker();
      const count = 60;
      const file = join(folder.path, 'effects');
      const called = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          stack.hub.client.call('task_exec', {
            alias: 'web1',
            cmd: `echo ${n} >> ${file}; sleep ${n % 7}; echo out ${n}`,
          }),
        ),
      );
      const ids = called.map((one) => (one.structuredContent?.['run'] ? handleOf(one).id : rowOf(one).runId));
      await doomed.kill();
      await stack.redis.kill();
      await stack.redis.start();
      await stack.hub.kill();
      await stack.startHub();
      for (const id of ids) expect(await ended(stack.hub.client, id)).toMatchObject({ state: 'succeeded' });
      expect(
        effects()
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: count }, (_, n) => n));
      const outputs = await Promise.all(
        ids.map(async (id) => JSON.stringify(await stack.hub.client.ok('task_output', { id }))),
      );
      expect(outputs.filter((text, n) => !text.includes(`out ${n}\\n`))).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'a worker that looks into another Redis than the hub is said, and one with a wrong password too',
    async () => {
      const findings = async (): Promise<string> =>
        JSON.stringify(await stack.hub.client.ok('system_diagnostics'));
      const lost = await stack.worker({ redisUrl: stack.redis.url.replace(/0$/, '5') });
      await waitFor(async () => (await findings()).includes('another Redis'), { timeoutMs: 60_000 });
      expect(await stack.cli(['worker', 'list', '--json'])).toContain('another database');
      await lost.stop();
      await stack.worker({ redisUrl: `redis://:canary-wrong@127.0.0.1:${stack.redis.port}/0` });
      await waitFor(async () => (await findings()).includes('does not reach the queue'), {
        timeoutMs: 60_000,
      });
      expect(await findings()).not.toContain('canary-wrong');
      expect(stack.hub.said()).not.toContain('canary-wrong');
    },
    LONG_MS,
  );

  /** Runs are taken as before. */
  async function works(): Promise<void> {
    const id = handleOrEnd(await stack.hub.client.call('task_exec', { alias: 'web1', cmd: 'exit 0' }));
    if (id) expect(await ended(stack.hub.client, id)).toMatchObject({ state: 'succeeded' });
  }
});

/** The id of a run that goes on; undefined when it has ended well. */
function handleOrEnd(result: Parameters<typeof handleOf>[0]): string | undefined {
  if (result.structuredContent?.['run']) return handleOf(result).id;
  expect(result.isError).not.toBe(true);
  return undefined;
}
