import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRINCIPAL } from './support/hub.ts';
import { KINDS, type Kind, type RealHub, startRealHub } from './support/real-hub.ts';

const folder = tempDir('three-mounts');
const hubs = new Map<Kind, RealHub>();
let sshd: TestSshd;

beforeAll(async () => {
  sshd = await startSshd();
  await Promise.all(
    KINDS.map(async (kind) =>
      hubs.set(kind, await startRealHub(kind, join(folder.path, kind.replace(' ', '-')), sshd)),
    ),
  );
}, 120_000);
afterAll(async () => {
  await Promise.all([...hubs.values()].map((hub) => hub.stop()));
  await sshd.stop();
  folder.remove();
});

/** What differs by nature: times, durations, ids, random words and folders. */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner) => {
    if (/^(timestamp|modified|durationMs|runId|id|at|bytesPerSecond)$/.test(key)) return key;
    return typeof inner === 'string'
      ? inner
          .replace(/run_[0-9A-Z]{26}/g, 'run_ID')
          .replaceAll(folder.path, '')
          .replace(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
          .replace(/\[[0-9a-f]{8}\]/g, '[WORD]')
      : inner;
  });
}

async function everywhere(
  name: string,
  args: Record<string, unknown> | ((kind: Kind) => Record<string, unknown>),
): Promise<Record<string, unknown>> {
  const answers = await Promise.all(
    [...hubs].map(async ([kind, hub]) => {
      const { structuredContent, isError, content } = await hub.call(
        name,
        typeof args === 'function' ? args(kind) : args,
      );
      return comparable({ structuredContent, isError, content });
    }),
  );
  for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0]);
  return answers[0] as Record<string, unknown>;
}

test('the same tools are listed, in every field', () => {
  const lists = [...hubs.values()].map(({ hub }) =>
    hub.endpoint.listTools(PRINCIPAL).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
  const plain = lists.map((list) => JSON.parse(JSON.stringify(list)) as { name: string }[]);
  expect(plain[1]).toEqual(plain[0]);
  expect(plain[2]).toEqual(plain[0]);
  const names = plain[0]?.map(({ name }) => name);
  for (const name of ['task_exec', 'script_run', 'task_transfer', 'file_read', 'task_wait', 'server_list'])
    expect(names).toContain(name);
});

describe('ssh-exec', () => {
  test('a command: output, error output and exit code', async () => {
    const good = await everywhere('task_exec', { alias: 'web1', cmd: 'echo out; echo err >&2' });
    expect(good).toMatchObject({
      structuredContent: { rows: [{ alias: 'web1', exitCode: 0, stdout: 'out\n', stderr: 'err\n' }] },
    });
    const bad = await everywhere('task_exec', { alias: 'web1', cmd: 'exit 7' });
    expect(bad).toMatchObject({ isError: true, structuredContent: { rows: [{ exitCode: 7 }] } });
  });

  test('a dry run', async () => {
    expect(await everywhere('task_exec', { alias: 'all', cmd: 'reboot', dry_run: true })).toMatchObject({
      structuredContent: { dryRun: true },
    });
  });

  test('a script, and the process list', async () => {
    expect(
      await everywhere('script_run', { alias: 'web1', script: 'for i in 1 2; do echo $i; done' }),
    ).toMatchObject({
      structuredContent: { rows: [{ stdout: '1\n2\n' }] },
    });
    for (const hub of hubs.values())
      expect((await hub.call('process_list', { alias: 'web1' })).isError).toBeUndefined();
  });

  test.each([
    ['an unknown host', { alias: 'nowhere', cmd: 'true' }, 'NOT_FOUND'],
    ['an unknown argument', { alias: 'web1', cmd: 'true', colour: 1 }, 'INVALID_INPUT'],
    ['no command', { alias: 'web1' }, 'INVALID_INPUT'],
  ])('%s', async (_what, args, code) => {
    expect(await everywhere('task_exec', args)).toMatchObject({
      isError: true,
      structuredContent: { error: true, code },
    });
  });

  describe.each(KINDS)('%s', (kind) => {
    const dataOf = async (name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> =>
      (await (hubs.get(kind) as RealHub).call(name, args)).data;

    test('a long command answers with a handle; the run tools of the hub follow it', async () => {
      const gate = join(sshd.home, `gate-${kind.replace(' ', '')}`);
      const { run } = (await dataOf('task_exec', {
        alias: 'web1',
        cmd: `echo begun; while [ ! -e ${gate} ]; do sleep 0.1; done; echo ended`,
      })) as { run: { id: string } };
      expect(await dataOf('task_status', { id: run.id })).toMatchObject({
        state: 'running',
        tool: 'task_exec',
      });
      expect(await dataOf('task_output', { id: run.id })).toMatchObject({ text: 'begun\n', complete: false });
      writeFileSync(gate, '');
      expect(await dataOf('task_wait', { id: run.id })).toMatchObject({ ended: true, state: 'succeeded' });
      expect(await dataOf('task_output', { id: run.id })).toMatchObject({
        text: 'begun\nended\n',
        complete: true,
      });
    });

    test('a run is cancelled through the hub', async () => {
      const { run } = (await dataOf('task_exec', { alias: 'web1', cmd: `sleep 600.${process.pid}` })) as {
        run: { id: string };
      };
      expect(await dataOf('task_cancel', { id: run.id })).toMatchObject({ state: 'cancelled' });
    });

    test('a host that cannot be reached', async () => {
      const data = await dataOf('task_exec', { alias: 'closed', cmd: 'true' });
      expect(JSON.stringify(data)).toContain('CONNECTION_FAILED');
    });
  });
});

describe('sftp', () => {
  const path = (name: string): string => join(sshd.home, name);
  const source = (name: string): object => ({ type: 'remote', alias: 'web1', path: path(name) });

  test('write, read, stat, list, checksum, remove', async () => {
    const kindOf = (kind: Kind): string => kind.replace(' ', '-');
    mkdirSync(path('d'));
    for (const kind of KINDS) mkdirSync(path(`d/${kindOf(kind)}`));
    const written = await Promise.all(
      KINDS.map((kind) =>
        (hubs.get(kind) as RealHub).call('file_write', {
          source: source(`d/${kindOf(kind)}/f`),
          content: 'content ü\n',
        }),
      ),
    );
    for (const answer of written) expect(answer.isError, JSON.stringify(answer)).toBeUndefined();
    for (const kind of KINDS) expect(readFileSync(path(`d/${kindOf(kind)}/f`), 'utf8')).toBe('content ü\n');
    expect(await everywhere('file_read', { source: source('d/HTTP/f') })).toMatchObject({
      structuredContent: { content: 'content ü\n' },
    });
    expect(await everywhere('file_stat', { source: source('d/HTTP/f') })).toMatchObject({
      structuredContent: expect.anything(),
    });
    expect(await everywhere('file_list', { source: source('d') })).toMatchObject({
      structuredContent: expect.anything(),
    });
    expect(await everywhere('file_read', { source: source('missing') })).toMatchObject({
      structuredContent: { code: 'NOT_FOUND' },
    });
  });

  test.each(KINDS)('a folder goes up and comes back (%s)', async (kind) => {
    const hub = hubs.get(kind) as RealHub;
    mkdirSync(join(hub.files, 'site', 'sub'), { recursive: true });
    writeFileSync(join(hub.files, 'site', 'index.html'), '<h1>');
    writeFileSync(join(hub.files, 'site', 'sub', 'a b'), 'x'.repeat(100_000));
    const remote = path(`up-${kind.replace(' ', '-')}`);
    const up = await hub.call('task_transfer', {
      alias: 'web1',
      direction: 'upload',
      local: join(hub.files, 'site'),
      remote,
    });
    expect(up.isError, JSON.stringify(up.data)).toBeUndefined();
    const down = await hub.call('task_transfer', {
      alias: 'web1',
      direction: 'download',
      local: join(hub.files, 'back'),
      remote,
    });
    expect(down.isError, JSON.stringify(down.data)).toBeUndefined();
    await waitFor(() => readFileSync(join(hub.files, 'back', 'sub', 'a b')).length === 100_000);
  });
});

test('each call of a server in another process is audited in the hub, with its effect', async () => {
  for (const [kind, { hub, call }] of hubs) {
    await call('task_exec', { alias: 'web1', cmd: 'echo audited-command' });
    const { audit } = hub.runtime.services;
    await audit.flush();
    const { calls } = audit.search({ text: 'audited-command' });
    expect(calls, kind).toMatchObject([
      { tool: 'task_exec', effect: 'destroy', aliases: ['web1'], result: 'ok', principal: PRINCIPAL.id },
    ]);
  }
});

test('system_diagnostics is content with every mount', async () => {
  for (const [kind, { call }] of hubs) {
    const { data } = await call('system_diagnostics', {});
    const mounted = (data['findings'] as { area: string; status: string }[]).filter(
      ({ area }) => area === 'mounted servers',
    );
    expect(
      mounted.map(({ status }) => status),
      kind,
    ).toEqual(['ok', 'ok', 'ok']);
  }
});
