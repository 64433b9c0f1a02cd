import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineServer, defineTool } from '@flotilla/core';
import { freePort, type TempDir, tempDir, waitFor } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { serve } from '../src/index.ts';

const CI_TOKEN = 'the-token-of-the-ci-0123456789';
let folder: TempDir;
let said: string;

beforeEach(() => {
  folder = tempDir('runtime-serve');
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  folder.remove();
});

const echo = defineServer({
  name: 'echo',
  title: 'Echo',
  instructions: 'For tests.',
  tools: [
    defineTool({
      name: 'echo_back',
      title: 'Echo',
      description: 'Answers with what it was given.',
      effect: 'read',
      input: z.object({ text: z.string() }),
      output: z.object({ text: z.string() }),
      run: async (_context, { text }) => ({ text }),
    }),
  ],
});
const env = (more: Record<string, string> = {}): Record<string, string> => ({
  HOME: folder.path,
  LOG_LEVEL: 'fatal',
  ...more,
});
const configure = (config: object): void => {
  mkdirSync(join(folder.path, '.config', 'flotilla'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder.path, '.config', 'flotilla', 'config.json'), JSON.stringify(config));
};

test('help, version, and arguments that mean nothing', async () => {
  expect(await serve(echo, { env: env(), argv: ['--help'] })).toBe(0);
  expect(said).toContain('flotilla-echo --http');
  said = '';
  expect(await serve(echo, { env: env(), argv: ['-v'] })).toBe(0);
  expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const argv of [['--http', '--port', '70000'], ['--prot', '1'], ['--port']]) {
    said = '';
    expect(await serve(echo, { env: env(), argv }), argv.join(' ')).toBe(2);
    expect(said).toContain('flotilla-echo --http');
  }
});

test.each([
  [{ nonsense: 1 }, 'unknown key "nonsense"'],
  [{ servers: { echo: { x: 1 } } }, 'has nothing to configure'],
  [{ http: { tokens: { ci: `\${vault:ci}` } } }, 'http.tokens.ci names the secret ci of the vault'],
])('%j does not start, and says why', async (config, why) => {
  configure(config);
  expect(await serve(echo, { env: env(), argv: ['--http', '--port', '0'] })).toBe(1);
  expect(said).toContain(`INVALID_INPUT: `);
  expect(said).toContain(why);
});

test('over HTTP until a signal comes: its own token, and those of the config', async () => {
  configure({ http: { tokens: { ci: `\${env:CI_TOKEN}` } } });
  const port = String(await freePort());
  const serving = serve(echo, {
    env: env({ CI_TOKEN }),
    argv: ['--http', '--host', '127.0.0.1', '--port', port],
  });
  await waitFor(() => said.includes('Bearer'), { timeoutMs: 20_000 });
  const file = join(folder.path, '.config', 'flotilla', 'http-token');
  const own = readFileSync(file, 'utf8').trim();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(said).toContain(`http://127.0.0.1:${port}/mcp\nAuthorization: Bearer ${own}`);
  const list = async (token: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      }),
    });
    return { status: response.status, body: await response.text() };
  };
  for (const token of [own, CI_TOKEN]) {
    const { status, body } = await list(token);
    expect(status).toBe(200);
    expect(body).toContain('flotilla-echo');
  }
  expect((await list('a-wrong-token-0123456789')).status).toBe(401);
  process.emit('SIGTERM');
  expect(await serving).toBe(0);
});
