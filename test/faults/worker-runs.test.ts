import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, waitFor, whyNoRedis } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, handleOf, rowOf } from '../support/fleet.ts';
import { hubMain, node, sourceArguments } from '../support/hub.ts';
import { localPortsOf } from '../support/local-ports.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';

const reason = whyNoRedis();
const NEVER_RAN = 'run_00000000000000000000000000';

describe.skipIf(reason)(`runs that workers take${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stack: Stack;
  let first: StackProcess;
  beforeAll(async () => {
    stack = await startStack({ host: { password: 'canary-password-of-the-host' } });
  }, 60_000);
  afterAll(() => stack?.stop());

  const exec = (cmd: string, more: Record<string, unknown> = {}) =>
    stack.hub.client.call('task_exec', { alias: 'web1', cmd, ...more });
  const ask = async (name: string, body: unknown, token = stack.tokenOf('ssh-exec')): Promise<number> => {
    const response = await fetch(new URL(`/worker/v1/${name}`, stack.hub.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.status;
  };

  test('the command line says that it waits for a worker, and leaves at once when told to', async () => {
    const child = spawn(node, [...sourceArguments, hubMain, 'exec', 'web1', '--', 'echo', 'by hand'], {
      env: { ...stack.home.env, FLOTILLA_REDIS_URL: stack.redis.url },
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const exited = once(child, 'exit');
    await waitFor(() => said.includes('waiting for a worker of lane ssh-exec'), { timeoutMs: 20_000 });
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    expect(said).toContain('Started on 0 of 1 hosts so far: waiting for a worker of lane ssh-exec');
    const [id = ''] = /run_[0-9A-Z]+/.exec(said) ?? [];
    await stack.hub.client.ok('task_cancel', { id });
  }, 60_000);

  test('a run waits for a worker, says so, and is carried out by the first that comes', async () => {
    const { client } = stack.hub;
    const { id } = handleOf(await exec('echo hi; echo no >&2; exit 3'));
    expect(await client.ok('task_status', { id })).toMatchObject({
      state: 'queued',
      waitingFor: 'waiting for a worker of lane ssh-exec',
    });
    first = await stack.worker();
    expect(await ended(client, id)).toMatchObject({ state: 'failed' });
    expect(JSON.stringify(await client.ok('task_output', { id }))).toContain('hi');
  }, 60_000);

  test('its answer comes as if the hub had done it', async () => {
    expect(rowOf(await exec('echo out; echo err >&2; exit 7'))).toMatchObject({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('a person at the hub’s terminal gets it too', async () => {
    expect(await stack.cli(['exec', 'web1', '--', 'echo', 'by a worker'])).toContain('by a worker');
  });

  test('long output is whole at the hub, and its secrets are masked there', async () => {
    const { client } = stack.hub;
    const called = await exec('seq 1 40000; echo canary-password-of-the-host');
    const id = called.structuredContent?.['run'] ? handleOf(called).id : rowOf(called).runId;
    await ended(client, id);
    let text = '';
    for (let offset = 0, complete = false; !complete; ) {
      const page = await client.ok<{ text: string; nextOffset: number; complete: boolean }>('task_output', {
        id,
        offset,
      });
      text += page.text;
      ({ nextOffset: offset, complete } = page);
    }
    const lines = text.split('\n');
    expect(lines.slice(0, 40_000)).toEqual(Array.from({ length: 40_000 }, (_, i) => String(i + 1)));
    expect(text).not.toContain('canary-password');
  });

  test('a question is asked and answered through the hub', async () => {
    const { client } = stack.hub;
    const called = await client.call('task_exec_interactive', {
      alias: 'web1',
      cmd: 'printf "name? "; read x; echo got $x',
    });
    const { id } = handleOf(called);
    await waitFor(
      async () => (await client.ok<{ state: string }>('task_status', { id })).state === 'waiting',
    );
    await client.ok('task_answer', { id, answer: 'hello' });
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded' });
    expect(JSON.stringify(await client.ok('task_output', { id }))).toContain('got hello');
  });

  test('a cancel through the hub ends the command on its host', async () => {
    const { client } = stack.hub;
    const { id } = handleOf(await exec('sleep 300.25'));
    await waitFor(
      async () => (await client.ok<{ state: string }>('task_status', { id })).state === 'running',
    );
    await client.ok('task_cancel', { id });
    expect(await ended(client, id)).toMatchObject({ state: 'cancelled' });
    expect(rowOf(await exec('ps -eo args | grep -c "[s]leep 300.25"')).stdout).toBe('0\n');
  });

  test('a hundred runs are taken by two workers, each once', async () => {
    const { client } = stack.hub;
    const folder = tempDir('flotilla-hundred-');
    const second = await stack.worker();
    const calls = Array.from({ length: 100 }, (_, n) =>
      exec(`echo ${n} "\${SSH_CLIENT#* }" >> ${folder.path}/effects`),
    );
    const ids = (await Promise.all(calls)).map((called) =>
      called.structuredContent?.['run'] ? handleOf(called).id : rowOf(called).runId,
    );
    for (const id of ids) expect(await ended(client, id)).toMatchObject({ state: 'succeeded' });
    const effects = readFileSync(join(folder.path, 'effects'), 'utf8').trim().split('\n');
    expect(effects.map((line) => Number(line.split(' ')[0])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
    const ports = effects.map((line) => Number(line.split(' ')[1]));
    const [byFirst, bySecond] = [first, second].map(({ child }) => {
      const own = localPortsOf(child.pid ?? 0);
      return ports.filter((port) => own.has(port)).length;
    });
    expect([byFirst, bySecond].every((count) => (count ?? 0) > 5)).toBe(true);
    expect((byFirst ?? 0) + (bySecond ?? 0)).toBe(100);
    folder.remove();
    expect(await second.stop()).toBe(0);
  }, 60_000);

  test('a worker gets nothing that its token and its runs do not give it', async () => {
    const run = { id: NEVER_RAN, fence: 1_000_001 };
    const held = handleOf(await exec('sleep 5')).id;
    expect(await ask('hello', {}, 'no-token-of-anybody-0123')).toBe(401);
    expect(await ask('lease', { grounds: { run } }, 'the-token-of-the-client-0123456789')).toBe(401);
    expect(await ask('lease', { grounds: { run } })).toBe(409);
    expect(await ask('lease', { grounds: { run: { id: held, fence: 1 } } })).toBe(409);
    expect(
      await ask('lease', { grounds: { run: { id: held, fence: 1_000_001 } } }, stack.tokenOf('docker')),
    ).toBe(403);
    expect(await ask('lease', { grounds: { standing: true } })).toBe(403);
    expect(await ask('lease', { grounds: { standing: true } }, stack.tokenOf('monitoring'))).toBe(200);
    const forged = `${Buffer.from(JSON.stringify({ lane: 'ssh-exec', words: ['all'], until: 9e15 })).toString('base64url')}.AAAA`;
    expect(await ask('lease', { grounds: { call: forged } })).toBe(403);
    const pin = { type: 'ssh-ed25519', fingerprint: 'SHA256:x' };
    expect(await ask('pin', { grounds: { run }, alias: 'web1', pin })).toBe(409);
    expect(await ask('write', { runId: held, fence: 1, durable: true, ops: [] })).toBe(409);
    const stream = { key: '../../x', alias: 'web1', attempt: 1, stream: 'stdout' };
    expect(
      await ask('output', { runId: held, fence: 1_000_001, stream, offset: 0, data: '', end: false }),
    ).toBe(400);
    const foreign = { version: '0.1.0', worker: 'me', lanes: ['docker'], labels: [] };
    expect(await ask('hello', foreign)).toBe(403);
    expect(await ask('hello', { ...foreign, lanes: ['ssh-exec'], version: '9.0.0' })).toBe(409);
    expect(await ask('everything', {})).toBe(404);
    await stack.hub.client.ok('task_cancel', { id: held });
    await ended(stack.hub.client, held);
  }, 60_000);

  test('neither Redis nor the folder of a worker ever holds a host, a secret or a result', async () => {
    await exec('echo canary-of-the-$(echo output); : canary-of-the-command', {
      env: { TOKEN: 'canary-of-the-arguments' },
    });
    const kept = [...files(stack.redis.folder), ...files(first.home.path)];
    expect(kept.some((file) => /appendonly/.test(file))).toBe(true);
    expect(kept.some((file) => /worker\.sqlite/.test(file))).toBe(true);
    for (const file of kept) {
      const content = readFileSync(file).toString('latin1');
      for (const word of ['canary', 'web1', 'PRIVATE KEY', stack.sshd.fingerprint, stack.tokenOf('ssh-exec')])
        expect(content.includes(word), `${word} in ${file}`).toBe(false);
    }
  });

  test('the diagnostics say which workers are there', async () => {
    const text = JSON.stringify(await stack.hub.client.ok('system_diagnostics'));
    expect(text).toContain('ssh-exec: 1 workers take its runs');
    expect(await stack.cli(['worker', 'list'])).toContain('file:ssh-exec');
  });
});

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
