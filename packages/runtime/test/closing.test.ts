import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defineServer, defineService, defineTool } from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openServer } from '../src/testing/index.ts';

test('a run that uses a service while its process ends goes on in the next one', async () => {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-closing-'));
  let used = 0;
  let enough = false;
  const service = defineService({
    name: 'slow',
    open: () => ({ use: () => used++ }),
    // Long enough for a run to ask for it once more.
    close: () => delay(50),
  });
  const busy = defineTool({
    name: 'busy_job',
    title: 'Busy',
    description: 'Uses its service until it was enough.',
    effect: 'write',
    input: z.object({}),
    output: z.object({ used: z.number() }),
    job: { timeoutMs: 0, waitMs: 0, summary: () => 'busy' },
    run: async ({ use }) => {
      while (!enough) {
        (await use(service)).use();
        await delay(1);
      }
      return { used };
    },
  });
  const server = await openServer(
    defineServer({ name: 'busy', title: 'Busy', instructions: '', tools: [busy] }),
    { HOME: home },
  );
  const { run } = await server.ok<{ run: { id: string } }>('busy_job');
  const state = () => server.runtime.services.engine.get(run.id).state;
  for (let round = 0; round < 3; round += 1) {
    const before = used;
    await waitFor(() => used > before, { what: 'the run' });
    await server.restart();
    expect(state()).toBe('running');
  }
  enough = true;
  await waitFor(() => state() === 'succeeded', { what: 'its end' });
  await server.close();
  rmSync(home, { recursive: true, force: true });
});
