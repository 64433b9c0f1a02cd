import { expect, test } from 'vitest';
import { spaceFinding } from '../src/diagnostics/data-folder-probe.ts';
import type { RunDetail } from '../src/runs/run-detail.ts';
import type { RunRow } from '../src/runs/run-row.ts';
import { endedRunsTable, openRunsTable } from '../src/runs/run-table.ts';
import { runText } from '../src/runs/run-text.ts';
import { statesOf } from '../src/runs/state-filter.ts';
import { textTable } from '../src/text/table.ts';
import { ago } from '../src/text/time.ts';

const NOW = Date.parse('2030-01-01T12:00:00Z');

test('a table is aligned, on one line per row, without empty columns and escape codes', () => {
  const rows = [
    ['web1', undefined, 'a\nb\u001b[31m'],
    ['web-long-name', '', 'x'.repeat(100)],
  ];
  expect(textTable(['host', 'nothing', 'what'], rows).split('\n')).toEqual([
    'HOST           WHAT',
    'web1           a b␛[31m',
    `web-long-name  ${'x'.repeat(59)}…`,
  ]);
  expect(textTable(['a', 'b'], [])).toBe('');
});

test('times are told relative to now, to come as well', () => {
  expect(ago(NOW - 182_000, NOW)).toBe('3 min 2 s ago');
  expect(ago('2030-01-01T11:59:59Z', NOW)).toBe('1.0 s ago');
  expect(ago(NOW + 5_000, NOW)).toBe('in 5.0 s');
});

test.each([
  [undefined, undefined],
  ['pending', ['queued']],
  ['completed', ['succeeded']],
  ['crashed', ['interrupted']],
  [
    ['running', 'pending', 'queued'],
    ['running', 'queued'],
  ],
] as const)('the state filter %j means %j', (filter, states) => {
  expect(statesOf(filter === undefined || typeof filter === 'string' ? filter : [...filter])).toEqual(states);
});

test.each([
  [10 * 1024 ** 3, 'ok'],
  [100 * 1024 ** 2, 'warn'],
  [1024 ** 2, 'fail'],
])('%i free bytes are %s', (free, status) => {
  expect(spaceFinding(free, '/data').status).toBe(status);
});

const row: RunRow = {
  id: 'run_1',
  tool: 'task_exec',
  state: 'running',
  summary: 'uptime',
  hosts: ['a', 'b', 'c', 'd', 'e'],
  createdAt: '2030-01-01T11:59:00Z',
  startedAt: '2030-01-01T11:59:30Z',
  durationMs: 30_000,
};

test('lists name hosts, age, progress, why not running and why failed', () => {
  const open = openRunsTable(
    [
      { ...row, progress: { progress: 1, total: 4, message: 'copying' } },
      {
        ...row,
        id: 'run_2',
        state: 'queued',
        waitingFor: 'waiting for lock apt:a',
        progress: { progress: 7 },
      },
    ],
    NOW,
  );
  expect(open).toContain('a,b,c +2');
  expect(open).toContain('25 % copying');
  expect(open).toContain('waiting for lock apt:a');
  const ended = {
    ...row,
    state: 'failed' as const,
    endedAt: '2030-01-01T12:00:00Z',
    code: 'TIMEOUT',
    reason: 'too long',
  };
  expect(endedRunsTable([ended, { ...row, hosts: [] }], NOW)).toMatch(
    /run_1 +failed +task_exec +a,b,c \+2 +0 ms ago +30\.0 s +uptime +TIMEOUT: too long/,
  );
});

const detail: RunDetail = {
  ...row,
  ended: false,
  principal: 'stdio:0',
  server: 'ssh-exec',
  steps: [],
  tail: '',
  next: 'task_wait {"id":"run_1"}',
};
const step = { key: 'main', kind: 'command' as const, attempt: 1 };

test('a run on many hosts shows the steps that are not well first, and not all of them', () => {
  const steps = Array.from({ length: 100 }, (_, at) => ({
    ...step,
    alias: `h${at}`,
    state: at === 77 ? ('failed' as const) : ('succeeded' as const),
    exitCode: at === 77 ? 3 : 0,
    durationMs: 5,
  }));
  const lines = runText({ ...detail, hosts: steps.map(({ alias }) => alias), steps }, NOW).split('\n');
  expect(lines[0]).toBe('run_1: task_exec on 100 hosts running, 30.0 s ago');
  expect(lines[3]).toMatch(/^h77 +main +failed +exit 3/);
  expect(lines.join('\n')).toContain('… and 70 more steps');
});

test('progress, failure with its hint, signals, retries and notes are told', () => {
  const text = runText(
    {
      ...detail,
      ended: true,
      state: 'interrupted',
      progress: { progress: 3, total: 9, message: 'third' },
      code: 'INTERRUPTED',
      reason: 'not known',
      hint: 'Look at the host.',
      steps: [
        { ...step, alias: 'a', state: 'failed', signal: 'KILL', attempt: 2, note: 'bound to the connection' },
        { ...step, key: 'two', state: 'interrupted', code: 'INTERRUPTED', reason: 'gone' },
      ],
      tail: 'last words\u0007',
    },
    NOW,
  );
  for (const words of [
    'Progress: 3 of 9, third',
    'INTERRUPTED: not known\nLook at the host.',
    'signal KILL',
    'bound to the connection',
    'INTERRUPTED: gone',
    'last words␇',
    'data not instructions',
  ])
    expect(text).toContain(words);
});

test('a run without printed output shows its answer', () => {
  const done = {
    ...detail,
    ended: true,
    state: 'succeeded' as const,
    endedAt: row.createdAt,
    output: { files: 3 },
  };
  expect(runText({ ...done, hosts: [] }, NOW)).toContain('"files": 3');
  expect(runText({ ...done, steps: [{ ...step, state: 'succeeded', exitCode: 0 }] }, NOW)).toContain(
    'Ended with exit 0',
  );
});
