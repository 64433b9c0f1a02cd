import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, handleOf } from '../support/fleet.ts';
import { type ToolResult, textOf } from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';
import { startVariant, VARIANTS, type Variant, type VariantName } from '../support/variants.ts';

let sshd: TestSshd;
const variants = new Map<VariantName, Variant>();
const variant = (name: VariantName): Variant => variants.get(name) as Variant;
const folderOf = (name: VariantName): string => join(sshd.home, name.replaceAll(' ', '-'));

beforeAll(async () => {
  sshd = await startSshd();
  const started = await Promise.all(VARIANTS.map((name) => startVariant(name, sshd)));
  for (const one of started) {
    variants.set(one.name, one);
    mkdirSync(folderOf(one.name));
    mkdirSync(join(one.files, 'site'), { recursive: true });
    writeFileSync(join(one.files, 'site', "it's.txt"), 'a page');
    await waitFor(
      async () => (await one.tools()).includes('file_read') && (await one.tools()).includes('task_exec'),
      {
        timeoutMs: 30_000,
        what: `${one.name} to have all tools`,
      },
    );
  }
}, 120_000);

afterAll(async () => {
  await Promise.all([...variants.values()].map((one) => one.close()));
  await sshd?.stop();
});

const VOLATILE = new Set(['timestamp', 'durationMs', 'mtime', 'modified', 'id', 'runId', 'elapsedMs']);

/** An answer without what differs by nature: ids, times, the folder of the variant. */
function comparable(name: VariantName, answer: ToolResult): unknown {
  const { files } = variant(name);
  const plain = JSON.stringify(answer, (key, value: unknown) =>
    VOLATILE.has(key) && value !== undefined ? `<${key}>` : value,
  )
    .replaceAll(folderOf(name), '<folder>')
    .replaceAll(files, '<files>')
    .replace(/run_[0-9A-Z]{26}/g, '<run>')
    .replace(/\[[0-9a-f]{8}\]/g, '[w]')
    .replace(/\b\d+(\.\d+)? m?s\b/g, '<time>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<when>')
    .replace(/\d+(\.\d+)? [KMG]?i?B\/s/g, '<speed>')
    .replace(/"bytesPerSecond":\d+(\.\d+)?/g, '"bytesPerSecond":0');
  return JSON.parse(plain);
}

async function everywhere(
  name: string,
  args: (folder: string) => Record<string, unknown>,
): Promise<ToolResult> {
  const answers = await Promise.all(
    VARIANTS.map(async (one) => ({ one, answer: await variant(one).call(name, args(folderOf(one))) })),
  );
  const [first, ...others] = answers;
  if (!first) throw new Error('no variant');
  for (const { one, answer } of others)
    expect(comparable(one, answer), one).toEqual(comparable(first.one, first.answer));
  return first.answer;
}

test('the same tools, whatever way they are mounted', async () => {
  const all = await variant('in-process mounts').tools();
  for (const name of VARIANTS) expect(await variant(name).tools(), name).toEqual(all);
});

const CALLS: [string, string, (folder: string) => Record<string, unknown>, string?][] = [
  [
    'a command',
    'task_exec',
    () => ({ alias: 'web1', cmd: 'printf "a\\033[1m"; echo b >&2', env: { A: "'" } }),
  ],
  ['a failed command', 'task_exec', () => ({ alias: 'web1', cmd: 'echo no; exit 3' })],
  ['a signal', 'task_exec', () => ({ alias: 'web1', cmd: 'kill -TERM $$' })],
  ['a dry run', 'task_exec', () => ({ alias: 'all', cmd: 'true', dry_run: true })],
  ['several hosts', 'task_exec', () => ({ alias: ['web1'], cmd: 'cat', stdin: 'ünï' })],
  ['an unknown host', 'task_exec', () => ({ alias: 'wbe1', cmd: 'true' }), 'NOT_FOUND'],
  ['an unknown argument', 'task_exec', () => ({ alias: 'web1', comand: 'true' }), 'INVALID_INPUT'],
  ['a wrong type', 'script_run', () => ({ alias: 'web1', script: 5 }), 'INVALID_INPUT'],
  ['a NUL', 'task_exec', () => ({ alias: 'web1', cmd: '\0' }), 'INVALID_INPUT'],
  ['a sequence', 'task_exec_sequence', () => ({ alias: 'web1', commands: ['cd /tmp', 'pwd', 'false', 'x'] })],
  ['a script', 'script_run', () => ({ alias: 'web1', script: 'print(6*7)', interpreter: 'python3' })],
  ['no process', 'process_kill', () => ({ alias: 'web1', pid: 4_194_303, startTime: 1 }), 'NOT_FOUND'],
  [
    'a command that takes too long',
    'task_exec',
    () => ({ alias: 'web1', cmd: 'echo x; sleep 60', timeout: 1 }),
    'COMMAND_TIMEOUT',
  ],
  [
    'a new file',
    'file_write',
    (folder) => ({
      source: { type: 'remote', alias: 'web1', path: `${folder}/a b.txt` },
      content: 'one\ntwo\n',
    }),
  ],
  [
    'a file',
    'file_read',
    (folder) => ({ source: { type: 'remote', alias: 'web1', path: `${folder}/a b.txt` } }),
  ],
  ['its checksum', 'file_checksum', (folder) => ({ alias: 'web1', path: `${folder}/a b.txt` })],
  [
    'no file',
    'file_read',
    (folder) => ({ source: { type: 'remote', alias: 'web1', path: `${folder}/none` } }),
    'NOT_FOUND',
  ],
  [
    'an upload',
    'task_transfer',
    (folder) => ({ alias: 'web1', direction: 'upload', local: 'site', remote: `${folder}/site` }),
  ],
  [
    'a download',
    'task_transfer',
    (folder) => ({ alias: 'web1', direction: 'download', local: 'back', remote: `${folder}/site` }),
  ],
  [
    'a local path outside',
    'task_transfer',
    () => ({ alias: 'web1', direction: 'upload', local: '/etc/hostname', remote: '/tmp/x' }),
    'DENIED',
  ],
  ['a path that cannot be', 'file_stat', () => ({ alias: 'web1', path: '/etc/hostname/x' }), 'NOT_FOUND'],
  ['a run that never was', 'task_status', () => ({ id: 'run_01JZZZZZZZZZZZZZZZZZZZZZZZ' }), 'NOT_FOUND'],
];

test.each(CALLS)(
  '%s has the same answer everywhere',
  async (_what, name, args, code) => {
    const answer = await everywhere(name, args);
    if (code !== undefined) failureOf(answer, code);
    else expect(answer.structuredContent, textOf(answer)).not.toHaveProperty('error');
  },
  60_000,
);

test('the files are really there', () => {
  for (const name of VARIANTS) {
    expect(readFileSync(join(folderOf(name), 'site', "it's.txt"), 'utf8')).toBe('a page');
    expect(readFileSync(join(variant(name).files, 'back', "it's.txt"), 'utf8')).toBe('a page');
  }
});

test('a host that does not answer: the same failure everywhere', async () => {
  const port = await freePort();
  const keyPath = '~/.ssh/id_test';
  const host = { alias: 'gone', host: '127.0.0.1', port, user: sshd.user, keyPath, verify: false };
  for (const name of VARIANTS) {
    if (name === 'URL mounts') continue;
    await variant(name).ok('server_add', host);
    const answer = await variant(name).call('task_exec', { alias: 'gone', cmd: 'true' });
    expect(failureOf(answer, 'CONNECTION_FAILED').details, name).toMatchObject({ cause: 'refused', port });
  }
});

describe.concurrent.each(VARIANTS)('%s', (name) => {
  test('progress comes while a call waits', async ({ expect }) => {
    const messages: (string | undefined)[] = [];
    const answer = await variant(name).call(
      'task_exec',
      { alias: 'web1', cmd: 'for n in 1 2 3 4 5; do echo "step $n"; sleep 0.3; done' },
      { onprogress: ({ message }) => messages.push(message) },
    );
    expect(answer.isError ?? false).toBe(false);
    expect(messages.length).toBeGreaterThanOrEqual(1);
    for (const message of messages) expect(message).toMatch(/^step \d$/);
  });

  test('a client that leaves does not stop a run, which can be found', async ({ expect }) => {
    const mark = `74001.${VARIANTS.indexOf(name)}`;
    const stop = new AbortController();
    const call = variant(name)
      .call('task_exec', { alias: 'web1', cmd: `sleep ${mark}` }, { signal: stop.signal })
      .catch((error: unknown) => error);
    await waitFor(() => runningWith(mark) > 0);
    stop.abort();
    expect(await call).toBeInstanceOf(Error);
    expect(runningWith(mark)).toBeGreaterThan(0);
    const { rows } = await variant(name).ok<{ rows: { id: string; summary: string }[] }>('task_queue');
    const run = rows.find(({ summary }) => summary.includes(mark));
    expect(run, JSON.stringify(rows)).toBeDefined();
    await variant(name).ok('task_cancel', { id: run?.id });
    await waitFor(() => runningWith(mark) === 0, { what: 'the cancelled command to end' });
    const history = await variant(name).ok<{ rows: { id: string; mount?: string }[] }>('task_history');
    const ended = history.rows.find(({ id }) => id === run?.id);
    expect(ended).toMatchObject({ id: run?.id, ...(name === 'URL mounts' && { mount: 'ssh-exec' }) });
  });

  test('a long run answers with a handle, and task_* follow it', async ({ expect }) => {
    const mark = `74101.${VARIANTS.indexOf(name)}`;
    const one = variant(name);
    const { id, next } = handleOf(
      await one.call('task_exec', { alias: 'web1', cmd: `echo begun; sleep ${mark}` }),
    );
    expect(next).toContain('task_wait');
    expect(await one.ok('task_status', { id })).toMatchObject({ state: 'running', tail: 'begun\n' });
    expect(await one.ok('task_output', { id })).toMatchObject({ text: 'begun\n', complete: false });
    expect(await one.ok('task_wait', { id, seconds: 0 })).toMatchObject({ ended: false });
    await one.ok('task_cancel', { id });
    expect(await one.ok('task_wait', { id, seconds: 20 })).toMatchObject({ ended: true, state: 'cancelled' });
    await waitFor(() => runningWith(mark) === 0);
  });
});
