import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineServer, defineTool } from '@flotilla/core';
import { startSshd, type TempDir, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { fillInMounts, httpToken, openProcess, untilStopped, withHttpTokens } from '../src/index.ts';
import { type OpenServer, openServer, textOf } from '../src/testing/index.ts';

const VALUE = 'correct-horse-battery-staple';
let sshd: TestSshd;
let folder: TempDir;
let server: OpenServer | undefined;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(() => {
  folder = tempDir('runtime-wiring');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  folder.remove();
});

/** A command as a durable run, and a look at the host without one. */
const shell = defineServer({
  name: 'shell',
  title: 'Shell',
  instructions: 'For tests.',
  config: z.object({ password: z.string().optional() }),
  tools: [
    defineTool({
      name: 'run_it',
      title: 'Run',
      description: 'Runs a command.',
      effect: 'destroy',
      input: z.object({ alias: z.string(), cmd: z.string() }),
      output: z.object({ stdout: z.string() }),
      job: { timeoutMs: 0, summary: ({ cmd }) => cmd },
      run: async ({ step }, { alias, cmd }) => {
        const { stdout } = await step.command('main', alias, { command: cmd });
        return { stdout: stdout.text };
      },
    }),
    defineTool({
      name: 'look_at',
      title: 'Look',
      description: 'The size of a file.',
      effect: 'read',
      input: z.object({ alias: z.string(), path: z.string() }),
      output: z.object({ bytes: z.number() }),
      run: async ({ hosts }, { alias, path }) => {
        const files = await hosts.files(alias);
        return { bytes: Number((await files.stat(path)).size) };
      },
    }),
  ],
});

async function open(config: object = {}, env: Record<string, string> = {}): Promise<OpenServer> {
  const data = join(folder.path, '.config', 'flotilla');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(join(data, 'config.json'), JSON.stringify(config));
  server = await openServer(shell, { HOME: folder.path, ...env });
  const { host, port, user, keyPath } = sshd;
  await server.runtime.services.inventory.save(
    { alias: 'web1', host, port, user, keyPath },
    { person: true },
  );
  return server;
}

test('a command becomes a run, and tools look at hosts', async () => {
  const { ok, fails } = await open();
  expect(await ok('run_it', { alias: 'web1', cmd: 'echo here' })).toMatchObject({ stdout: 'here\n' });
  writeFileSync(join(sshd.home, 'seven'), '7 bytes');
  expect(await ok('look_at', { alias: 'web1', path: join(sshd.home, 'seven') })).toMatchObject({ bytes: 7 });
  expect(await ok('task_history')).toMatchObject({
    total: 1,
    rows: [{ tool: 'run_it', state: 'succeeded' }],
  });
  expect(await fails('run_it', { alias: 'nobody', cmd: 'true' })).toMatchObject({ code: 'NOT_FOUND' });
  expect((await ok('system_diagnostics')).text).toContain('data folder');
});

test('a policy that came later refuses to start a run again, as it would refuse the call', async () => {
  const first = await open();
  const answer = await first.call('run_it', { alias: 'web1', cmd: 'echo remove everything' });
  expect(textOf(answer)).toContain('remove everything');
  const { rows } = await first.ok<{ rows: { id: string }[] }>('task_history');
  await first.close();
  const { fails } = await open({ policy: { commandDeny: ['remove everything'] } });
  expect(await fails('task_retry', { id: rows[0]?.id })).toMatchObject({
    code: 'DENIED',
    details: { pattern: 'remove everything' },
  });
});

test('secrets are masked as soon as they are stored, and no longer once they are removed', async () => {
  const { ok, runtime } = await open();
  const { secrets, redactor } = runtime.services;
  const show = async (): Promise<string> =>
    (await ok<{ stdout: string }>('run_it', { alias: 'web1', cmd: `echo ${VALUE}` })).stdout;
  expect(await show()).toBe(`${VALUE}\n`);
  await secrets.set('mail', VALUE);
  expect(await show()).toBe('[secret]\n');
  expect(redactor.value({ a: [VALUE] })).toEqual({ a: ['[secret]'] });
  expect(redactor.log(`password=${VALUE} x`)).not.toContain(VALUE);
  await secrets.remove('mail');
  expect(await show()).toBe(`${VALUE}\n`);
});

test('output under way is masked as soon as another process stores a secret', async () => {
  const { runtime } = await open();
  const other = await openServer(shell, { HOME: folder.path });
  const output = runtime.services.redactor.stream();
  expect(output.push(`first ${VALUE}\n`)).toBe(`first ${VALUE}\n`);
  await other.runtime.services.secrets.set('mail', VALUE);
  expect(output.push(`then ${VALUE}\n`) + output.end()).toBe('then [secret]\n');
  await other.close();
});

test('a secret in the settings of a server is filled in; one that is not there refuses to start', async () => {
  const config = { servers: { shell: { password: `\${vault:mail}` } } };
  await expect(open(config)).rejects.toMatchObject({
    message: 'servers.shell.password names the secret mail of the vault, which is not there.',
    hint: 'Store it with: flotilla secret set mail',
  });
  const { runtime } = await open();
  await runtime.services.secrets.set('mail', VALUE);
  await runtime.close();
  await open(config);
});

test('mounts and tokens are filled in; a disabled mount is left alone, a short token refused', async () => {
  const { runtime } = await open();
  const { services } = runtime;
  await services.secrets.set('farm', VALUE);
  const mount = (name: string, disabled: boolean) => ({
    name,
    disabled,
    kind: 'url' as const,
    url: 'http://127.0.0.1:9/mcp',
    headers: { authorization: `Bearer \${vault:${name}}` },
  });
  expect(fillInMounts([mount('farm', false), mount('gone', true)], services)).toMatchObject([
    { headers: { authorization: `Bearer ${VALUE}` } },
    { headers: { authorization: `Bearer \${vault:gone}` } },
  ]);
  expect(() => fillInMounts([mount('gone', false)], services)).toThrow(
    'mcpServers.gone.headers.authorization',
  );

  const base = await openProcess({ HOME: folder.path });
  const withToken = (token: string) => ({
    ...base,
    config: { ...base.config, http: { ...base.config.http, tokens: [{ name: 'ci', token }] } },
  });
  expect(withHttpTokens(withToken(`\${vault:farm}`), services).config.http.tokens).toEqual([
    { name: 'ci', token: VALUE },
  ]);
  await services.secrets.set('short', 'tiny');
  expect(() => withHttpTokens(withToken(`\${vault:short}`), services)).toThrow('fewer than 16 characters');
});

test('a damaged secret is an error of its own, not a missing one', async () => {
  const { runtime } = await open();
  const { services } = runtime;
  await services.secrets.set('farm', VALUE);
  await services.store.write((sql) => {
    sql.run("UPDATE vault_secret SET sealed_value = 'damaged'");
  });
  const mount = {
    name: 'farm',
    disabled: false,
    kind: 'command' as const,
    command: 'x',
    args: [],
    env: { T: `\${vault:farm}` },
  };
  expect(() => fillInMounts([mount], services)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('not there') }),
  );
});

test('the token of a data folder is made once, also by several processes at the same time', async () => {
  const tokens = await Promise.all(Array.from({ length: 10 }, () => httpToken(folder.path)));
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).toMatch(/^[\w-]{43}$/);
  expect(readdirSync(folder.path)).toEqual(['http-token']);
  await expect(httpToken(join(folder.path, 'http-token'))).rejects.toThrow('ENOTDIR');
});

test('waiting for a stop ends with what it waits for, well or not', async () => {
  await untilStopped(Promise.resolve());
  await untilStopped(Promise.reject(new Error('over')));
});
