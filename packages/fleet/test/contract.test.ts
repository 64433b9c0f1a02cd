import { defineServer, type LogRing } from '@flotilla/core';
import { checkServerContract } from '@flotilla/core/testing';
import type { RunsEngine } from '@flotilla/jobs';
import { expect, test } from 'vitest';
import { diagnosticsTools } from '../src/diagnostics/index.ts';
import { runTools } from '../src/runs/index.ts';

const never = (): never => {
  throw new Error('only the definitions are looked at');
};
const tools = [
  ...runTools({ engine: {} as RunsEngine }),
  ...diagnosticsTools({
    logs: {} as LogRing,
    links: { stats: never },
    audit: { search: never },
    probes: never,
  }),
];

test('every tool keeps the contract of tools', () => {
  const server = defineServer({
    name: 'fleet',
    title: 'Fleet',
    instructions: 'Runs and diagnostics.',
    tools,
  });
  expect(checkServerContract(server)).toEqual([]);
});

test('the names are the established ones', () => {
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'audit_search',
    'pool_stats',
    'queue_stats',
    'system_diagnostics',
    'task_answer',
    'task_cancel',
    'task_history',
    'task_logs',
    'task_output',
    'task_queue',
    'task_retry',
    'task_status',
    'task_wait',
  ]);
});

test.each([
  ['task_queue', ['status', 'limit', 'compact']],
  ['task_status', ['id']],
  ['task_wait', ['id', 'seconds']],
  ['task_history', ['alias', 'limit', 'offset', 'compact', 'state', 'tool', 'text']],
  ['task_retry', ['id', 'from']],
  ['task_logs', ['level', 'search', 'limit', 'compact']],
  ['queue_stats', []],
  ['pool_stats', []],
  ['system_diagnostics', ['verbose']],
])('%s takes %j', (name, names) => {
  expect(Object.keys(tools.find((tool) => tool.name === name)?.input.shape ?? {})).toEqual(names);
});
