import { compileServer, defineServer, defineTool } from '@flotilla/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Backend } from '../src/backend/backend.ts';
import { localBackend } from '../src/backend/local.ts';
import { prefixedName } from '../src/backend/tool-names.ts';
import { mountsProbe } from '../src/mounts-probe.ts';
import { buildRegistry } from '../src/registry.ts';
import { rawMount } from './support/raw.ts';

const tool = (name: string) =>
  defineTool({
    name,
    title: name,
    description: name,
    effect: 'read',
    input: z.object({}),
    output: z.object({}),
    run: async () => ({}),
  });
const local = (name: string, ...tools: string[]): Backend =>
  localBackend(
    name,
    compileServer(defineServer({ name, title: name, instructions: '', tools: tools.map(tool) })),
    async () => ({ content: [] }),
  );

let foreign: Backend;
let ours: Backend;
beforeAll(async () => {
  foreign = rawMount('raw', 'plain');
  ours = rawMount('raw', 'plain', { own: true });
  await Promise.all([foreign.settled, ours.settled]);
});
afterAll(() => Promise.all([foreign.close(), ours.close()]));

test('a mount in this process keeps its names whatever the order of the config', () => {
  const registry = buildRegistry([foreign, ours, local('here', 'one', 'raw__two')]);
  expect(registry.get('one')?.backend.name).toBe('here');
  expect(registry.get('two')?.backend).toBe(ours);
  expect(registry.get('raw__one')?.backend).toBe(foreign);
  expect(registry.get('raw__two')?.backend.name).toBe('here');
  expect(registry.collisions).toEqual([
    { name: 'one', offeredBy: 'here', hiddenIn: 'raw' },
    { name: 'raw__two', offeredBy: 'here', hiddenIn: 'raw' },
  ]);
  expect(registry.get('constructor')).toBeUndefined();
});

test('diagnostics name every mount and every hidden tool', async () => {
  const findings = await mountsProbe([foreign, local('here', 'raw__two')]).look();
  expect(findings.map(({ status, finding }) => `${status} ${finding}`)).toEqual([
    expect.stringMatching(/^ok raw: 2 tools, stdio \(raw 1\.0\.0, process \d+\)$/),
    'ok here: 1 tools, local',
    'warn raw__two of raw is hidden by here',
  ]);
});

test.each([
  ['github', 'get_issue', 'github__get_issue'],
  ['github', 'getIssue', 'github__getIssue'],
])('%s + %s = %s', (server, name, expected) => {
  expect(prefixedName(server, name)).toBe(expected);
});

test('names that clients would cut or refuse get a hash, always the same, different for different names', () => {
  const long = prefixedName('server', 'x'.repeat(100));
  expect(long).toMatch(/^server__x+_[0-9a-f]{6}$/);
  expect(long).toHaveLength(48);
  expect(prefixedName('server', 'x'.repeat(100))).toBe(long);
  expect(prefixedName('server', `${'x'.repeat(99)}y`)).not.toBe(long);
  expect(prefixedName('s', 'a.b')).toMatch(/^s__a_b_[0-9a-f]{6}$/);
  expect(prefixedName('s', 'a.b')).not.toBe(prefixedName('s', 'a:b'));
});
