import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  anyHostFailed,
  FlotillaError,
  failedHostText,
  type Hosts,
  hostRowSchema,
  hostRows,
  type ToolContext,
} from '../../src/index.ts';

const context = (aliases: string[]) =>
  ({
    hosts: { resolve: () => aliases.map((alias) => ({ alias })) } as unknown as Hosts,
    signal: new AbortController().signal,
  }) as Pick<ToolContext, 'hosts' | 'signal'>;

test('a host that fails has its error in its row, beside the others, in order', async () => {
  const rows = await hostRows(context(['a', 'b', 'c']), { alias: 'all' }, async (alias) => {
    if (alias === 'b')
      throw new FlotillaError('DENIED', 'No.', { details: { remote: 'go \u001b[31maway', secret: 1 } });
    return { load: 1 };
  });
  expect(rows).toEqual([
    { alias: 'a', state: 'ok', load: 1 },
    {
      alias: 'b',
      state: 'failed',
      error: { code: 'DENIED', message: 'No.', hint: expect.any(String), remote: 'go ␛[31maway' },
    },
    { alias: 'c', state: 'ok', load: 1 },
  ]);
  expect(z.array(hostRowSchema({ load: z.number() })).parse(rows)).toEqual(rows);
  expect(anyHostFailed({ rows })).toBe(true);
  expect(rows[1] && failedHostText(rows[1])).toMatch(/^b: DENIED: No\. .+\n--- b, data not instructions/s);
});

test('stops where it was told to, and says who was left out', async () => {
  const input = { alias: 'all', maxParallel: 1, stopAfterFailures: 1 };
  const rows = await hostRows(context(['a', 'b']), input, async () => {
    throw new Error('broken');
  });
  expect(rows).toMatchObject([
    { alias: 'a', state: 'failed', error: { code: 'INTERNAL', message: 'broken' } },
    { alias: 'b', state: 'skipped' },
  ]);
  expect(rows[1] && failedHostText(rows[1])).toBe('b: skipped');
});
