import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
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

test('a new process takes up the command where it is, and does not start it again', async () => {
  // The command waits for a reader of the pipe, then for a writer: it cannot end before the test lets it.
  const path = join(on.sshd.home, 'pipe');
  execFileSync('mkfifo', [path]);
  // Its answer is lost with the process.
  on.call('template_mark', { alias: 'web1', path, line: 'mark' }).catch(() => undefined);
  expect(await readFile(path, 'utf8')).toBe('mark\n');
  const { rows } = await on.ok<{ rows: { id: string }[] }>('task_queue');
  await on.restart();
  await writeFile(path, 'one\ntwo\n');
  expect(await on.ok('task_wait', { id: rows[0]?.id })).toMatchObject({
    state: 'succeeded',
    output: { alias: 'web1', path, lines: 2 },
  });
});
