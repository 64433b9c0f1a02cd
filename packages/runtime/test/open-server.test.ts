import { defineServer, defineTool, FlotillaError } from '@flotilla/core';
import { tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type OpenServer, openServer } from '../src/testing/index.ts';

const echo = defineTool({
  name: 'echo_word',
  title: 'Echo',
  description: 'Says it again.',
  effect: 'read',
  input: z.object({ word: z.string().describe('What to say') }),
  output: z.object({ said: z.string() }),
  run: async (_context, { word }) => {
    if (word === 'no') throw new FlotillaError('CONFLICT', 'It does not say that.');
    return { said: word };
  },
  text: ({ said }) => `said ${said}`,
});
const server = defineServer({ name: 'echo', title: 'Echo', instructions: 'Echoes.', tools: [echo] });

const home = tempDir('flotilla-open-server-');
let on: OpenServer;
beforeAll(async () => {
  on = await openServer(server, { HOME: home.path });
});
afterAll(async () => {
  await on.close();
  home.remove();
});

test('ok gives output and text, fails the failure, call the answer', async () => {
  expect(await on.ok('echo_word', { word: 'yes' })).toEqual({ said: 'yes', text: 'said yes' });
  expect(await on.fails('echo_word', { word: 'no' })).toMatchObject({ code: 'CONFLICT' });
  expect(await on.fails('echo_word', { word: 'yes', other: 1 })).toMatchObject({ code: 'INVALID_INPUT' });
  expect(await on.call('echo_word', { word: 'yes' })).toMatchObject({ structuredContent: { said: 'yes' } });
});

test('the tools that every server has', async () => {
  expect(await on.ok('server_list')).toMatchObject({ text: expect.any(String) });
});

test('another process on the same data folder', async () => {
  const first = on.runtime;
  await on.ok('server_add', {
    alias: 'web1',
    host: '127.0.0.1',
    user: 'nobody',
    password: 'x',
    verify: false,
  });
  await on.restart();
  expect(on.runtime).not.toBe(first);
  expect(await on.ok('server_list')).toMatchObject({ rows: [{ alias: 'web1' }] });
});

test('the opposite of what was expected is an error of the test', async () => {
  await expect(on.ok('echo_word', { word: 'no' })).rejects.toThrow(/echo_word failed: .*does not say that/s);
  await expect(on.fails('echo_word', { word: 'yes' })).rejects.toThrow('echo_word did not fail: said yes');
  await expect(on.call('echo_nothing')).rejects.toThrow('echo has no tool echo_nothing');
});
