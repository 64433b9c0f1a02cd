import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileServer, ERROR_CODES, type ToolAnswer } from '@flotilla/core';
import { freePort, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localBackend } from '../src/backend/local.ts';
import { fixtureServer } from './fixtures/fixture-server.ts';
import { plainCaller } from './support/caller.ts';
import { remote, type TestHub, testHub } from './support/hub.ts';
import { fixtureCommand, type Started, startFixture } from './support/processes.ts';

const KINDS = ['in-process', 'stdio child', 'HTTP'] as const;
type Kind = (typeof KINDS)[number];
const TOKEN = 'a-token-that-is-long-enough-0123456789';

const folder = tempDir('mounts');
const journals = new Map(KINDS.map((kind) => [kind, join(folder.path, kind.replace(' ', '-'))]));
const hubs = new Map<Kind, TestHub>();
let http: Started;

const journalOf = (kind: Kind): string => journals.get(kind) ?? '';
const hubOf = (kind: Kind): TestHub => hubs.get(kind) as TestHub;

beforeAll(async () => {
  for (const journal of journals.values()) writeFileSync(journal, '');
  const port = await freePort();
  http = await startFixture('listening', 'fixture-main.ts', journalOf('HTTP'), 'http', String(port), TOKEN);
  const common = { name: 'fixture', own: true, expectServer: 'flotilla-fixture' };
  const env = { PATH: process.env['PATH'] ?? '' };
  hubs.set(
    'in-process',
    testHub((audit) => [
      localBackend('fixture', compileServer(fixtureServer(journalOf('in-process'))), plainCaller({ audit })),
    ]),
  );
  hubs.set(
    'stdio child',
    testHub(() => [
      remote({
        ...common,
        target: {
          kind: 'stdio',
          ...fixtureCommand('fixture-main.ts', journalOf('stdio child'), 'stdio'),
          env,
        },
      }),
    ]),
  );
  hubs.set(
    'HTTP',
    testHub(() => [
      remote({
        ...common,
        hubSecret: TOKEN,
        target: {
          kind: 'http',
          url: `http://127.0.0.1:${port}/mcp`,
          headers: { authorization: `Bearer ${TOKEN}` },
        },
      }),
    ]),
  );
  await Promise.all([...hubs.values()].map((hub) => hub.endpoint.settled(30_000)));
});

afterAll(async () => {
  await Promise.all([...hubs.values()].map((hub) => hub.stop()));
  await http.kill();
  folder.remove();
});

/** Answers without what differs by nature: the time, and the random word of a fence. */
function comparable(answer: ToolAnswer): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value) => {
    if (key === 'timestamp') return 'now';
    return key === 'text' && typeof value === 'string' ? value.replace(/\[[0-9a-f]{8}\]/g, '[word]') : value;
  });
}

async function everywhere(name: string, args?: unknown): Promise<unknown[]> {
  return Promise.all(KINDS.map(async (kind) => comparable(await hubOf(kind).call(name, args))));
}

function expectSame(answers: unknown[]): unknown {
  const [first, ...others] = answers;
  for (const other of others) expect(other).toEqual(first);
  return first;
}

test('the three mounts list the same tools, in every field', () => {
  const lists = KINDS.map((kind) =>
    JSON.parse(JSON.stringify(hubOf(kind).endpoint.listTools({ id: 'cli:0', kind: 'cli' }))),
  );
  const tools = expectSame(lists) as { name: string }[];
  expect(tools.map(({ name }) => name)).toContain('echo_data');
  expect(tools).toHaveLength(7);
});

test('structured content and text are the same', async () => {
  const answer = expectSame(
    await everywhere('echo_data', { text: 'ünïcödé 漢字 🚢 "q" \n', numbers: [1, 2.5, -3e9] }),
  ) as ToolAnswer;
  expect(answer.structuredContent).toMatchObject({
    text: 'ünïcödé 漢字 🚢 "q" \n',
    sum: -2999999996.5,
    nested: { none: null },
  });
  expect(answer.content).toEqual([{ type: 'text', text: 'It said: ünïcödé 漢字 🚢 "q" \n' }]);
});

test.each(ERROR_CODES)('the failure %s is the same', async (code) => {
  const answer = expectSame(await everywhere('fail_with', { code })) as ToolAnswer;
  expect(answer.isError).toBe(true);
  expect(answer.structuredContent).toMatchObject({
    error: true,
    code,
    hint: 'Do not.',
    details: { remote: 'words of a host' },
  });
});

test('an output that is an error stays an output', async () => {
  expect(expectSame(await everywhere('bad_end'))).toMatchObject({
    isError: true,
    structuredContent: { exitCode: 3 },
  });
});

test.each([
  ['an unknown argument', { text: 'x', colour: 'red' }],
  ['a wrong type', { text: 7 }],
  ['a missing argument', {}],
  ['a list for arguments', []],
  ['a text for arguments', 'text'],
])('%s is refused the same way', async (_what, args) => {
  const answer = expectSame(await everywhere('echo_data', args)) as ToolAnswer;
  expect(answer).toMatchObject({ isError: true, structuredContent: { error: true, code: 'INVALID_INPUT' } });
});

test('a large answer arrives whole', async () => {
  const answer = expectSame(await everywhere('large_answer', { bytes: 400_000 })) as ToolAnswer;
  expect((answer.structuredContent as { text: string }).text).toHaveLength(400_000);
});

describe.each(KINDS)('%s', (kind) => {
  test('progress arrives in order and before the answer', async () => {
    const updates: { progress: number; total?: number; message?: string }[] = [];
    let answered = false;
    const answer = await hubOf(kind).call(
      'count_up',
      { to: 4, everyMs: 300 },
      {
        onProgress: (update) => {
          expect(answered).toBe(false);
          updates.push(update as (typeof updates)[number]);
        },
      },
    );
    answered = true;
    expect(answer.structuredContent).toEqual({ counted: 4 });
    expect(updates[0]).toEqual({ progress: 1, total: 4, message: 'at 1' });
    expect(updates.map(({ progress }) => progress)).toEqual([1, 2, 3, 4]);
  });

  test('a cancel reaches the handler', async () => {
    const journal = (): string => readFileSync(journalOf(kind), 'utf8');
    const cancel = new AbortController();
    const answer = hubOf(kind).call('wait_for_end', { label: 'a' }, { signal: cancel.signal });
    await waitFor(() => journal().includes('started a'));
    cancel.abort();
    expect((await answer).structuredContent).toMatchObject({ error: true, code: 'CANCELLED' });
    await waitFor(() => journal().includes('cancelled a'));
  });

  test('fifty calls at once get their own answers', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `call ${index}`);
    const answers = await Promise.all(texts.map((text) => hubOf(kind).call('echo_data', { text })));
    expect(answers.map((answer) => (answer.structuredContent as { text: string }).text)).toEqual(texts);
  });

  test('a call is audited once, with the client that made it', async () => {
    const hub = hubOf(kind);
    await hub.call('echo_data', { text: 'for the audit', alias: 'web1' });
    await hub.audit.flush();
    const { calls } = hub.audit.search({ text: 'for the audit' });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      tool: 'echo_data',
      principal: 'stdio:1000',
      effect: 'read',
      aliases: ['web1'],
      result: 'ok',
    });
  });

  test('the handler sees the client of the hub, not the hub', async () => {
    const answer = await hubOf(kind).call('tell_process');
    expect(answer.structuredContent).toMatchObject({ principal: 'stdio:1000' });
  });

  test('an unknown tool is NOT_FOUND', async () => {
    await expect(hubOf(kind).call('no_such_tool')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
