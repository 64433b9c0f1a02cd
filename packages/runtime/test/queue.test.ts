import { execFileSync } from 'node:child_process';
import { defineServer, defineTool } from '@flotilla/core';
import { startRedis, tempDir, waitFor } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openServer } from '../src/testing/index.ts';

const word = defineTool({
  name: 'word_run',
  title: 'A run',
  description: 'Says it again, as a run.',
  effect: 'write',
  job: { timeoutMs: 10_000, summary: ({ word: said }) => said },
  input: z.object({ word: z.string().describe('What to say') }),
  output: z.object({ said: z.string() }),
  run: async (_context, { word: said }) => ({ said }),
});
const server = defineServer({ name: 'words', title: 'Words', instructions: 'Runs.', tools: [word] });
const PASSWORD = 'a-word-nobody-says';

test('runs go through the Redis that is configured; diagnostics show it, and nothing shows its password', async () => {
  const redis = await startRedis({ password: PASSWORD, appendFsync: 'none' });
  const home = tempDir('flotilla-queue-');
  const on = await openServer(server, {
    HOME: home.path,
    FLOTILLA_REDIS_URL: redis.url,
    LOG_LEVEL: 'error',
    MCP_SYNC_TIMEOUT_S: '1',
  });
  onTestFinished(async () => {
    await on.close();
    await redis.stop();
    home.remove();
  });
  expect(await on.ok('word_run', { word: 'yes' })).toMatchObject({ said: 'yes' });
  expect(await redis.command('KEYS', 'flotilla:*:lane:words:meta')).toMatch(/^\*1/);
  const stats = await waitFor(async () => {
    const { driver } = await on.ok<{ driver: { name: string; detail: string } }>('queue_stats');
    return driver.detail.includes('0 waiting') && driver;
  });
  expect(stats).toMatchObject({ name: 'bullmq', ok: true });
  const diagnostics = await on.ok('system_diagnostics');
  expect(diagnostics.text).toMatch(/appendonly no/);

  await redis.kill();
  const { run } = await on.ok<{ run: { id: string; state: string } }>('word_run', { word: 'later' });
  expect(run.state).toBe('queued');
  expect((await on.ok('system_diagnostics')).text).toMatch(
    /bullmq queue is not working: .* unreachable since/,
  );
  await redis.start();
  await waitFor(
    async () => (await on.ok<{ state: string }>('task_status', { id: run.id })).state === 'succeeded',
    { timeoutMs: 20_000 },
  );

  const said = JSON.stringify([
    diagnostics,
    stats,
    await on.ok('task_logs', {}),
    await on.ok('task_history'),
  ]);
  expect(said).not.toContain(PASSWORD);
  const found = execFileSync('sh', ['-c', `grep -rlF ${PASSWORD} ${home.path} || true`], {
    encoding: 'utf8',
  });
  expect(found).toBe('');
}, 60_000);
