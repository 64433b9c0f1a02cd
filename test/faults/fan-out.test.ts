import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, loopbackHosts, waitFor } from '@flotilla/testkit';
import { beforeAll, expect, test } from 'vitest';
import { ended, handleOf, type Row, rowsOf, useFleet } from '../support/fleet.ts';
import { type ToolResult, textOf } from '../support/hub.ts';

const COUNT = 200;
const addresses = loopbackHosts(COUNT);
const aliases = addresses.map((_, index) => `n${String(index + 1).padStart(3, '0')}`);
const fleet = useFleet({ sshd: { listen: ['127.0.0.1', ...addresses] } });

const exec = (args: Record<string, unknown>): Promise<ToolResult> => fleet.hub.call('task_exec', args);
const marks = (): string => join(fleet.sshd.home, 'marks');
/** Leaves one line per execution, named by the address that was logged in to. */
const mark = (folder: string): string =>
  `mkdir -p '${folder}'; set -- $SSH_CONNECTION; echo x >> '${folder}/'"$3"; echo "$3"`;
const executions = (folder: string): number[] =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').length / 2);

beforeAll(async () => {
  const { hub, home, sshd } = fleet;
  await hub.ok('server_remove', { alias: 'web1' });
  const keyPath = home.addKey(sshd.keyPath);
  await Promise.all(
    aliases.map((alias, index) =>
      hub.ok('server_add', {
        alias,
        host: addresses[index],
        port: sshd.port,
        user: sshd.user,
        keyPath,
        verify: false,
        ...(index < 5 && { env: 'prod' }),
        ...(index % 50 === 0 && { tags: ['edge'] }),
      }),
    ),
  );
  await hub.ok('server_group_set', { name: 'web', aliases: aliases.slice(0, 3) });
}, 120_000);

/** Answers that come as a handle on a slow machine are read at the run's end. */
async function allRows(answer: ToolResult): Promise<Row[]> {
  if (answer.structuredContent?.['rows']) return rowsOf(answer);
  const status = await ended(fleet.hub, handleOf(answer).id);
  return (status['output'] as { rows: Row[] }).rows;
}

test('all: 200 executions, one row per alias in order', async () => {
  const answer = await exec({ alias: 'all', cmd: mark(marks()) });
  const rows = await allRows(answer);
  expect(rows.map(({ alias }) => alias)).toEqual(aliases);
  expect(rows.map(({ stdout }) => stdout.trim())).toEqual(addresses);
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['ok']));
  expect(executions(marks())).toEqual(Array.from({ length: COUNT }, () => 1));
  expect(new Set(rows.map(({ runId }) => runId)).size).toBe(1);
  const status = await fleet.hub.ok<{ steps: unknown[]; hosts: string[] }>('task_status', {
    id: rows[0]?.runId,
  });
  expect(status.steps).toHaveLength(COUNT);
}, 120_000);

test('equal outputs are shown once, and every host is named in the data', async () => {
  const answer = await exec({ alias: 'all', cmd: 'echo same' });
  const text = textOf(answer);
  expect(text).toMatch(/^200 hosts: 200 ok\n\n== n001, .* and 192 more \(200\): exit 0/);
  expect(text.length).toBeLessThan(600);
  expect(await allRows(answer)).toHaveLength(COUNT);
}, 120_000);

test('200 large outputs make a readable answer; the whole is in task_output', async () => {
  const answer = await exec({
    alias: 'all',
    cmd: 'set -- $SSH_CONNECTION; echo "first $3"; seq 3000; echo "last $3"',
  });
  const rows = await allRows(answer);
  expect(rows).toHaveLength(COUNT);
  expect(JSON.stringify(rows).length).toBeLessThan(400_000);
  for (const [index, row] of rows.entries()) {
    expect(row.truncated).toBe(true);
    expect(row.stdout).toContain(`first ${addresses[index]}\n`);
    expect(row.stdout).toContain(`last ${addresses[index]}\n`);
  }
  expect(textOf(answer).length).toBeLessThan(48_200);
  const page = await fleet.hub.ok<{ text: string; complete: boolean }>('task_output', {
    id: rows[0]?.runId,
    alias: aliases[137],
    stream: 'stdout',
    limit: 262_144,
  });
  expect(page.complete).toBe(true);
  expect(page.text).toBe(
    `first ${addresses[137]}\n${Array.from({ length: 3000 }, (_, n) => `${n + 1}\n`).join('')}last ${addresses[137]}\n`,
  );
}, 120_000);

test('groups, environments, tags and lists name hosts; each host once', async () => {
  const targets: [unknown, string[]][] = [
    ['group:web', aliases.slice(0, 3)],
    ['env:prod', aliases.slice(0, 5)],
    ['tag:edge', aliases.filter((_, index) => index % 50 === 0)],
    [
      ['n002', 'group:web', 'n001', 'n002', 'n009'],
      ['n001', 'n002', 'n003', 'n009'],
    ],
  ];
  for (const [alias, expected] of targets) {
    const planned = rowsOf(await exec({ alias, cmd: 'true', dry_run: true })).map((row) => row.alias);
    expect(planned.toSorted(), JSON.stringify(alias)).toEqual(expected);
  }
  const rows = rowsOf(await exec({ alias: 'group:web', cmd: 'exit 4' }));
  expect(rows.map(({ exitCode }) => exitCode)).toEqual([4, 4, 4]);
});

test('the other tools fan out the same way', async () => {
  const script = await fleet.hub.call('script_run', {
    alias: 'group:web',
    script: 'import os\nprint(os.environ["SSH_CONNECTION"].split()[2])',
    interpreter: 'python3',
  });
  expect(rowsOf(script).map(({ stdout }) => stdout.trim())).toEqual(addresses.slice(0, 3));
  const sequence = await fleet.hub.call('task_exec_sequence', {
    alias: 'group:web',
    commands: ['cd /tmp', 'pwd'],
  });
  const rows = sequence.structuredContent?.['rows'] as { steps: { stdout: string }[] }[];
  expect(rows.map(({ steps }) => steps[1]?.stdout)).toEqual(['/tmp\n', '/tmp\n', '/tmp\n']);
  expect(textOf(sequence)).toMatch(/^3 hosts: 3 ok, 0 not/);
});

test('hosts that fail do not touch the others', async () => {
  const { hub, home, sshd } = fleet;
  const keyPath = home.addKey(sshd.keyPath);
  const replace = async (index: number, more: Record<string, unknown>): Promise<void> => {
    const host = { alias: aliases[index], host: addresses[index], port: sshd.port, user: sshd.user, keyPath };
    await hub.ok('server_remove', { alias: aliases[index] });
    await hub.ok('server_add', { ...host, verify: false, ...more });
  };
  await replace(99, { port: await freePort() });
  await replace(100, { user: 'no-such-user' });
  rmSync(marks(), { recursive: true });
  const answer = await exec({ alias: 'all', cmd: `${mark(marks())}; [ "$3" != 127.0.1.7 ]` });
  expect(answer.isError).toBe(true);
  const rows = await allRows(answer);
  expect(rows.map(({ alias }) => alias)).toEqual(aliases);
  const bad = rows.filter(({ state }) => state !== 'ok');
  expect(bad.map(({ alias, state, error, exitCode }) => [alias, state, error?.code ?? exitCode])).toEqual([
    ['n007', 'failed', 1],
    ['n100', 'unreachable', 'CONNECTION_FAILED'],
    ['n101', 'unreachable', 'AUTH_FAILED'],
  ]);
  expect(executions(marks())).toEqual(Array.from({ length: COUNT - 2 }, () => 1));
  const text = textOf(answer);
  expect(text).toMatch(/^200 hosts: .*197 ok/);
  expect(text.indexOf('== n100')).toBeLessThan(text.indexOf('exit 0'));
}, 120_000);

test('stopAfterFailures: no further host is started, and each is said', async () => {
  rmSync(marks(), { recursive: true });
  const answer = await exec({
    alias: 'all',
    cmd: `${mark(marks())}; exit 1`,
    stopAfterFailures: 3,
    maxParallel: 4,
  });
  const rows = await allRows(answer);
  expect(rows).toHaveLength(COUNT);
  const failed = rows.filter(({ state }) => state === 'failed').length;
  expect(failed).toBeGreaterThanOrEqual(3);
  expect(failed).toBeLessThanOrEqual(6);
  expect(rows.filter(({ state }) => state === 'skipped')).toHaveLength(COUNT - failed);
  expect(executions(marks())).toHaveLength(failed);
  expect(textOf(answer)).toContain('skipped');
});

test('a cancelled fan-out stops everywhere and starts nowhere else', async () => {
  rmSync(marks(), { recursive: true });
  const call = exec({ alias: 'all', cmd: `${mark(marks())}; sleep 300`, maxParallel: 5 });
  const id = await waitFor(async () => {
    const { rows } = await fleet.hub.ok<{ rows: { id: string }[] }>('task_queue');
    return rows[0]?.id;
  });
  await waitFor(() => executionsOrNone() >= 5);
  await fleet.hub.ok('task_cancel', { id });
  const answer = await call;
  expect(answer.isError).toBe(true);
  expect(await ended(fleet.hub, id)).toMatchObject({ state: 'cancelled' });
  expect(executionsOrNone()).toBe(5);
});

function executionsOrNone(): number {
  try {
    return executions(marks()).length;
  } catch {
    return 0;
  }
}
