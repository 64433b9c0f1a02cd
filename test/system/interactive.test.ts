import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, failureOf, handleOf, rowOf, useFleet } from '../support/fleet.ts';
import { startHub, type TestHub, type ToolResult, textOf } from '../support/hub.ts';

const fleet = useFleet({ env: { MCP_SYNC_TIMEOUT_S: '15' } });

/** Asks as apt, dpkg and a configuration dialogue do, on its terminal, and ends with an odd code. */
const PACKAGE_MANAGER = `#!/bin/sh
log=$1; shift
ask() { printf '%s' "$1" >/dev/tty; IFS= read -r answer </dev/tty; printf '%s=%s\\n' "$2" "$answer" >>"$log"; }
echo 'Reading package lists...'
echo 'After this operation, 1,234 kB of additional disk space will be used.'
ask 'Do you want to continue? [Y/n] ' apt
echo 'Unpacking...'
echo "Configuration file '/etc/foo.conf'"
echo ' ==> Modified (by you or by a script) since installation.'
ask '*** foo.conf (Y/I/N/O/D/Z) [default=N] ? ' dpkg
for question in "$@"; do ask "$question" "asked"; done
echo 'Processing triggers...'
exit 42
`;
const script = (): string => join(fleet.sshd.home, 'fake-apt');
const logOf = (name: string): string => join(fleet.sshd.home, `log-${name}`);
const answersIn = (name: string): string[] => readFileSync(logOf(name), 'utf8').trim().split('\n');

beforeAll(() => {
  writeFileSync(script(), PACKAGE_MANAGER);
  chmodSync(script(), 0o755);
});

const install = (
  hub: TestHub,
  name: string,
  questions: string[],
  more: Record<string, unknown> = {},
): Promise<ToolResult> =>
  hub.call('task_exec_interactive', {
    alias: 'web1',
    cmd: [script(), logOf(name), ...questions].map((word) => `'${word}'`).join(' '),
    ...more,
  });

interface Waiting {
  state: string;
  questions?: { prompt: string; secret: boolean; number: number }[];
}

describe.concurrent('task_exec_interactive', () => {
  test("several prompts in a row are answered, and the exit code is the command's", async ({ expect }) => {
    const answer = await install(fleet.hub, 'known', []);
    expect(rowOf(answer)).toMatchObject({ state: 'failed', exitCode: 42 });
    expect(answersIn('known')).toEqual(['apt=Y', 'dpkg=N']);
    expect(rowOf(answer).stdout).toContain('Processing triggers...');
  });

  test('prepared answers, as text and as regular expression', async ({ expect }) => {
    const answer = await install(fleet.hub, 'prepared', ['Which database? ', 'PHP version 8 or 9: '], {
      responses: { 'Which database?': 'postgres; $(id)', '/version \\d or \\d/': '9' },
    });
    expect(rowOf(answer).exitCode).toBe(42);
    expect(answersIn('prepared')).toEqual(['apt=Y', 'dpkg=N', 'asked=postgres; $(id)', 'asked=9']);
  });

  test('an unknown prompt makes it wait, and another client answers from another process', async ({
    expect,
  }) => {
    const { id, state } = handleOf(await install(fleet.hub, 'unknown', ['Colour of the roof? ']));
    expect(state).toBe('waiting');
    const other = await startHub(fleet.home);
    const status = await other.ok<Waiting>('task_status', { id });
    expect(status.questions).toMatchObject([
      { prompt: expect.stringContaining('Colour of the roof?'), secret: false },
    ]);
    expect(textOf(await other.call('task_status', { id }))).toContain('task_answer');
    await other.ok('task_answer', { id, answer: 'ré"d\' $(id)' });
    const end = await ended(other, id);
    expect(end).toMatchObject({ state: 'failed', steps: [{ exitCode: 42 }] });
    expect(answersIn('unknown')).toEqual(['apt=Y', 'dpkg=N', 'asked=ré"d\' $(id)']);
    failureOf(await other.call('task_answer', { id, answer: 'again' }), 'CONFLICT');
    await other.close();
  });

  test('the question outlives the hub that asked', async ({ expect }) => {
    const first = await startHub(fleet.home);
    const { id } = handleOf(await install(first, 'killed', ['Really? ', 'And really really? ']));
    await first.kill();
    const second = await startHub(fleet.home);
    for (const answer of ['yes', 'no']) {
      const status = await second.ok<Waiting>('task_wait', { id, seconds: 40 });
      expect(status.state).toBe('waiting');
      await second.ok('task_answer', { id, answer });
      await second.ok('task_wait', { id, seconds: 1 });
    }
    expect(await ended(second, id)).toMatchObject({ state: 'failed', steps: [{ exitCode: 42 }] });
    expect(answersIn('killed')).toEqual(['apt=Y', 'dpkg=N', 'asked=yes', 'asked=no']);
    await second.close();
  }, 90_000);

  test('nothing is answered unasked with autoRespond: false', async ({ expect }) => {
    const { id, state } = handleOf(await install(fleet.hub, 'manual', [], { autoRespond: false }));
    expect(state).toBe('waiting');
    await fleet.hub.ok('task_cancel', { id });
    expect((await ended(fleet.hub, id))['state']).toBe('cancelled');
    expect(existsSync(logOf('manual'))).toBe(false);
  });

  test('an SSH host key question and a password are never answered by a tool', async ({ expect }) => {
    const cmd = `printf 'Are you sure you want to continue connecting (yes/no/[fingerprint])? '; read -r a; echo "got:$a"`;
    const key = handleOf(
      await fleet.hub.call('task_exec_interactive', { alias: 'web1', cmd, responses: { '/.*/s': 'yes' } }),
    );
    expect(key.state).toBe('waiting');
    await fleet.hub.ok('task_cancel', { id: key.id });
    const secret = handleOf(
      await fleet.hub.call('task_exec_interactive', {
        alias: 'web1',
        cmd: `stty -echo; printf 'Password: '; read -r a; stty echo; echo; echo "got:$a"`,
      }),
    );
    expect(secret.state).toBe('waiting');
    const refused = await fleet.hub.call('task_answer', { id: secret.id, answer: 'hunter2' });
    expect(refused.isError).toBe(true);
    expect(['DENIED', 'APPROVAL_REQUIRED']).toContain(refused.structuredContent?.['code']);
    expect(textOf(refused)).toContain('flotilla task answer');
    await fleet.hub.ok('task_cancel', { id: secret.id });
  });

  test('without a terminal it is a plain command', async ({ expect }) => {
    const answer = await fleet.hub.call('task_exec_interactive', {
      alias: 'web1',
      cmd: 'tty; exit 6',
      interactive: false,
    });
    expect(rowOf(answer)).toMatchObject({ exitCode: 6, stdout: expect.stringContaining('not a tty') });
  });

  test('a time limit counts the command, not the wait for an answer', async ({ expect }) => {
    const answer = await fleet.hub.call('task_exec_interactive', {
      alias: 'web1',
      cmd: 'while :; do echo .; sleep 0.2; done',
      timeout: 1,
    });
    expect(failureOf(answer, 'COMMAND_TIMEOUT').details['stdout']).toContain('.');
  });

  test.for<[string, Record<string, unknown>]>([
    ['a NUL in an answer', { responses: { 'x?': 'a\0' } }],
    ['an empty pattern', { responses: { '': 'y' } }],
    ['a pattern of 1 MB', { responses: { ['x'.repeat(1_000_000)]: 'y' } }],
    ['an answer of 1 MB', { responses: { 'x?': 'y'.repeat(1_000_000) } }],
    ['a list of answers', { responses: ['y'] }],
    ['several hosts', { alias: ['web1'] }],
  ])('%s is INVALID_INPUT', async ([, args], { expect }) => {
    const answer = await fleet.hub.call('task_exec_interactive', { alias: 'web1', cmd: 'true', ...args });
    expect(failureOf(answer, 'INVALID_INPUT').message.length).toBeLessThan(1_000);
  });
});

test('answers to a run that asks nothing, or to none: refused', async () => {
  const row = rowOf(await fleet.hub.call('task_exec', { alias: 'web1', cmd: 'true' }));
  failureOf(await fleet.hub.call('task_answer', { id: row.runId, answer: 'y' }), 'CONFLICT');
  failureOf(await fleet.hub.call('task_answer', { id: row.runId, answer: 'y\ny' }), 'INVALID_INPUT');
  expect(row.exitCode).toBe(0);
});
