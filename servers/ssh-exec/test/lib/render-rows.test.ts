import { expect, test } from 'vitest';
import { renderRows } from '../../src/lib/render-rows.ts';

const row = (alias: string, stdout: string, exitCode = 0) => ({
  alias,
  state: exitCode === 0 ? ('ok' as const) : ('failed' as const),
  exitCode,
  signal: null,
  stdout,
  stderr: '',
  durationMs: 12,
});

test('one host: how it ended first, then what it printed', () => {
  expect(renderRows([row('web1', 'hello\n')])).toBe('web1: exit 0 in 12 ms\nhello');
});

test('many hosts: counts first, equal outputs once, the largest group first', () => {
  const text = renderRows([row('a', 'x\n'), row('b', 'y\n', 2), row('c', 'x\n')]);
  expect(text).toBe(
    '3 hosts: 2 ok, 1 failed\n\n== a, c (2): exit 0 in 12 ms\nx\n\n== b (1): exit 2 in 12 ms\ny',
  );
});

test('a host that could not be reached shows its error', () => {
  const error = { code: 'CONNECTION_FAILED', message: 'refused', hint: 'check' };
  expect(renderRows([{ alias: 'a', state: 'unreachable', error }])).toBe('a: CONNECTION_FAILED: refused');
});
