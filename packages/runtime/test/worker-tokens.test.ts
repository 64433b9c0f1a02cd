import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineServer } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import { tempDir } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { fixedTokens } from '../src/worker/fixed-tokens.ts';
import { workerToken } from '../src/worker/token.ts';

const server = (name: string, watches = false) =>
  defineServer({
    name,
    title: name,
    instructions: '',
    tools: [],
    ...(watches && { background: [{ name: 'watch', run: async () => undefined }] }),
  });
const SERVERS = [server('docker'), server('monitoring', true), server('sftp')];

function folderOf(files: Record<string, string>): string {
  const folder = tempDir();
  onTestFinished(() => folder.remove());
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  return folder.path;
}
const configOf = (workers: Partial<FlotillaConfig['workers']>) =>
  ({ workers: { labels: [], drainMs: 0, ...workers } }) as unknown as FlotillaConfig;

test('each file is the token of the server of its name, other files are left alone', async () => {
  const folder = folderOf({
    docker: 'a-token-of-docker-0123\n',
    monitoring: 'a-token-of-monitoring-0123',
    'redis-password': 'short',
  });
  mkdirSync(join(folder, 'some-folder'));
  const { grants, byLane } = await fixedTokens(folder, SERVERS);
  expect([...grants]).toEqual([
    ['a-token-of-docker-0123', { name: 'file:docker', lanes: ['docker'], labels: [], standing: false }],
    [
      'a-token-of-monitoring-0123',
      { name: 'file:monitoring', lanes: ['monitoring'], labels: [], standing: true },
    ],
  ]);
  expect([byLane.get('docker'), byLane.get('sftp')]).toEqual(['a-token-of-docker-0123', undefined]);
  expect((await fixedTokens(undefined, SERVERS)).grants.size).toBe(0);
});

test.each([
  ['a short one', { docker: 'short' }],
  ['an empty one', { docker: '' }],
  ['one with spaces', { docker: 'a token of docker 0123' }],
  ['the same twice', { docker: 'a-token-of-both-0123', sftp: 'a-token-of-both-0123' }],
])('a folder with %s is refused, without telling the token', async (_what, files) => {
  const refused = fixedTokens(folderOf(files as unknown as Record<string, string>), SERVERS);
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(refused).rejects.not.toThrow(/short|token of docker|token-of-both/);
});

test('a folder that is not there is named', async () => {
  await expect(fixedTokens('/no/such/folder', SERVERS)).rejects.toThrow(/\/no\/such\/folder/);
});

test('a worker shows the token of its environment, or the one of its file, or says what it lacks', async () => {
  const folder = folderOf({ token: 'a-token-of-a-file-0123\n' });
  const tokenFile = join(folder, 'token');
  expect(await workerToken(configOf({ token: 'a-token-of-the-environment', tokenFile }))).toBe(
    'a-token-of-the-environment',
  );
  expect(await workerToken(configOf({ tokenFile }))).toBe('a-token-of-a-file-0123');
  for (const lacking of [{}, { token: 'short' }, { tokenFile: '/no/such/file' }])
    await expect(workerToken(configOf(lacking))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
