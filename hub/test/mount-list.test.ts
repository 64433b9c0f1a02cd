import { waitFor } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from '../src/backend/backend.ts';
import { PRINCIPAL, type TestHub, testHub } from './support/hub.ts';
import { rawMount } from './support/raw.ts';

const open: { stop?: () => Promise<void>; close?: () => Promise<void> }[] = [];
beforeEach(() => void open.splice(0));
afterEach(async () => {
  for (const one of open) await (one.stop ?? one.close)?.();
});
const kept = <T extends { stop?: () => Promise<void>; close?: () => Promise<void> }>(one: T): T => {
  open.push(one);
  return one;
};

const names = (backend: Backend): string[] => backend.listTools().map(({ published }) => published.name);
const listed = (hub: TestHub): string[] => hub.endpoint.listTools(PRINCIPAL).map(({ name }) => name);

test('all pages of a list are read, names get the prefix of the mount', async () => {
  const mount = kept(rawMount('raw', 'pages'));
  await mount.settled;
  expect(names(mount)).toEqual(['raw__one', 'raw__p2', 'raw__p3']);
});

test.each([['circle'], ['endless'], ['many'], ['not-a-list'], ['huge']])(
  'the list "%s" is refused and disturbs nobody',
  async (mode) => {
    const hub = kept(testHub(() => [rawMount('bad', mode), rawMount('good', 'plain')]));
    await hub.endpoint.settled(20_000);
    expect(listed(hub)).toEqual(['good__one', 'good__two']);
    const answer = await hub.call('good__one', {});
    expect(answer.isError).toBe(false);
  },
);

test.each([
  ['circle', 'go in a circle'],
  ['endless', 'more than 64 pages'],
  ['many', 'more than 1000 tools'],
  ['not-a-list', 'it is not a list'],
  ['huge', 'message larger than'],
])('the state tells why the list "%s" is not offered', async (mode, why) => {
  const mount = kept(rawMount('bad', mode, { timing: { backoff: { firstMs: 60_000, maxMs: 60_000 } } }));
  await mount.settled;
  expect(mount.state).toMatchObject({ status: 'unavailable', cause: expect.stringContaining(why) });
});

test('single bad tools are left out and reported, the others are offered unchanged', async () => {
  const mount = kept(rawMount('raw', 'bad'));
  await mount.settled;
  const tools = mount.listTools();
  expect(tools.map(({ remoteName }) => remoteName)).toEqual([
    'good',
    'text_output',
    `a.${'very-long-'.repeat(10)}name`,
    'Dots.and:Colons',
  ]);
  const good = tools.find(({ remoteName }) => remoteName === 'good');
  expect(good?.published).toEqual({
    name: 'raw__good',
    inputSchema: { type: 'object' },
    'x-unknown': { kept: true },
    _meta: { 'example.org/a': 1 },
    annotations: { readOnlyHint: true },
  });
  expect(good?.gateTool).toEqual({ name: 'raw__good', lane: 'raw', maxEffect: 'read' });
  expect(
    tools.find(({ remoteName }) => remoteName === 'text_output')?.published.outputSchema,
  ).toBeUndefined();
  for (const { published } of tools) expect(published.name).toMatch(/^[A-Za-z0-9_-]{1,48}$/);
  expect(new Set(names(mount)).size).toBe(tools.length);
  const issues = mount.issues.join('\n');
  for (const word of [
    'listed twice',
    '"two words"',
    '"no_schema"',
    '"array_schema"',
    '"bad_title"',
    '"large"',
    'nested more than',
  ])
    expect(issues).toContain(word);
});

test('a tool that says nothing of its effect counts as destructive', async () => {
  const mount = kept(rawMount('raw', 'plain'));
  await mount.settled;
  expect(mount.listTools()[0]?.gateTool.maxEffect).toBe('destroy');
});

test('a changed list is read again and told to listeners', async () => {
  const hub = kept(testHub(() => [rawMount('raw', 'changing')]));
  let told = 0;
  hub.endpoint.onToolsChanged(() => {
    told += 1;
  });
  await hub.endpoint.settled(20_000);
  expect(listed(hub)).toEqual(['raw__version_1']);
  const before = told;
  await hub.call('raw__version_1', {});
  await waitFor(() => listed(hub)[0] === 'raw__version_2');
  expect(told).toBe(before + 1);
});

test('a change while the list is being read is not lost', async () => {
  const mount = kept(rawMount('raw', 'changes-early'));
  await waitFor(() => names(mount)[0] === 'raw__version_2');
});

test('a changed list that cannot be read leaves the last one, and is an issue', async () => {
  const mount = kept(rawMount('raw', 'changing', { notes: '/dev/null' }));
  const hub = kept(testHub(() => [mount]));
  await hub.endpoint.settled(20_000);
  await hub.call('raw__version_1');
  await waitFor(() => listed(hub)[0] === 'raw__version_2');
  await hub.call('raw__version_2');
  await waitFor(() => mount.issues.length > 0);
  expect(mount.issues).toEqual([
    expect.stringContaining('could not be read: The tool list of the server was refused: it is not a list'),
  ]);
  expect(listed(hub)).toEqual(['raw__version_2']);
  expect(mount.state.status).toBe('ready');
});

test('a list that never comes keeps nobody waiting', async () => {
  const hub = kept(
    testHub(() => [
      rawMount('slow', 'slow-list', { timing: { listMs: 600_000 } }),
      rawMount('good', 'plain'),
    ]),
  );
  await waitFor(() => listed(hub).length === 2);
  expect((await hub.call('good__one', {})).isError).toBe(false);
  expect(hub.endpoint.registry.get('slow__one')).toBeUndefined();
});

test('a call right at the start waits for its mount to connect', async () => {
  const hub = kept(testHub(() => [rawMount('raw', 'plain')]));
  expect(listed(hub)).toEqual([]);
  expect((await hub.call('raw__one', {})).structuredContent).toMatchObject({ args: {} });
});
