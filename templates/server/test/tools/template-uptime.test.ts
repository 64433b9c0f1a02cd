import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();

test('a row per host, as /proc says', async () => {
  const before = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
  const { rows, text } = await on.ok<{ rows: { upSeconds: number }[] }>('template_uptime', {
    alias: ['web1'],
  });
  expect(rows).toEqual([
    { alias: 'web1', state: 'ok', upSeconds: expect.any(Number), load: expect.any(Number) },
  ]);
  expect(rows[0]?.upSeconds).toBeGreaterThanOrEqual(before);
  expect(text).toMatch(/^web1: up .+, load \d/);
});

test('a host that does not answer has its row, beside the others', async () => {
  const { host, user, keyPath } = on.sshd;
  const gone = { alias: 'gone', host, port: 1, user, keyPath };
  await on.runtime.services.inventory.save(gone, { person: true });
  const answer = await on.call('template_uptime', { alias: 'all' });
  expect(answer.isError).toBe(true);
  expect(answer.structuredContent).toMatchObject({
    rows: [
      { alias: 'gone', state: 'failed', error: { code: 'CONNECTION_FAILED' } },
      { alias: 'web1', state: 'ok' },
    ],
  });
});

test('an unknown host', async () => {
  expect(await on.fails('template_uptime', { alias: 'web2' })).toMatchObject({ code: 'NOT_FOUND' });
});
