import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();

test('adds the line as it is, once', async () => {
  const path = join(on.sshd.home, "a 'file' $(x)");
  const line = 'it\'s "$HOME"; `id` \\n';
  expect(await on.ok('template_mark', { alias: 'web1', path, line })).toMatchObject({
    alias: 'web1',
    lines: 1,
  });
  expect(readFileSync(path, 'utf8')).toBe(`${line}\n`);
});

test('fails where it may not write, with what the host said as data', async () => {
  const failure = await on.fails('template_mark', { alias: 'web1', path: '/nowhere/x', line: 'x' });
  expect(failure).toMatchObject({ code: 'DENIED', details: { remote: expect.stringContaining('nowhere') } });
});
