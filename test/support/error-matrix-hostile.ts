import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestSshd } from '@flotilla/testkit';
import { expect } from 'vitest';
import { answerOf, type Calls } from './error-matrix.ts';
import { harmAt } from './error-matrix-hosts.ts';
import { failureOf, rowOf } from './fleet.ts';
import type { Variant } from './variants.ts';

const HARM = `harm-${process.pid}`;

/** Names of files, and values of variables, that a careless shell line would obey. */
export const HOSTILE_NAMES = [
  `it's "quoted"`,
  'new\nline',
  `$(touch ${HARM})`,
  `\`touch ${HARM}\``,
  `; touch ${HARM} #`,
  `' ; touch ${HARM} ; '`,
  '-rf',
  '--help',
  '* ?',
  '\\',
];

/** Every tool of ssh-exec and sftp with this name: it is that name, and nothing else happens. */
export async function expectHarmless(
  variant: Variant,
  sshd: TestSshd,
  who: string,
  word: string,
): Promise<void> {
  const folder = join(sshd.home, `names-${who}`, String(HOSTILE_NAMES.indexOf(word)));
  mkdirSync(folder, { recursive: true });
  await commandsWith(variant, folder, word);
  await filesWith(variant, folder, word);
  await transfersWith(variant, folder, word);
  expect(readdirSync(folder)).toEqual([]);
  for (const path of harmAt(sshd, HARM)) expect(existsSync(path)).toBe(false);
}

async function commandsWith(client: Calls, folder: string, word: string): Promise<void> {
  const cwd = join(folder, word);
  mkdirSync(cwd);
  const script = 'printf "%s\\n" "$X"; pwd';
  const more = { alias: 'web1', cwd, env: { X: word } };
  for (const [tool, args] of [
    ['task_exec', { ...more, cmd: script }],
    ['task_exec_interactive', { ...more, cmd: script }],
    ['script_run', { ...more, script }],
  ] as const) {
    const answer = await answerOf(client, tool, args);
    expect(rowOf(answer).stdout.replaceAll('\r\n', '\n'), tool).toBe(`${word}\n${cwd}\n`);
  }
  const sequence = await answerOf(client, 'task_exec_sequence', { alias: 'web1', cwd, commands: ['pwd'] });
  expect(JSON.stringify(sequence.structuredContent)).toContain(JSON.stringify(`${cwd}\n`).slice(1, -1));
  expect(await client.ok('process_list', { alias: 'web1', text: `${word} ${folder}` })).toMatchObject({
    total: 0,
  });
  for (const [tool, args] of [
    ['process_kill', { pid: 4_194_303, startTime: 1, signal: word }],
    ['script_run', { script: 'true', interpreter: word }],
    ['file_checksum', { path: cwd, algorithm: word }],
  ] as const)
    failureOf(await answerOf(client, tool, { alias: 'web1', ...args }), 'INVALID_INPUT');
  await client.ok('file_remove', { alias: 'web1', path: cwd, recursive: true });
}

async function filesWith(client: Calls, folder: string, word: string): Promise<void> {
  const path = join(folder, word);
  const source = { type: 'remote', alias: 'web1', path };
  await client.ok('file_write', { source, content: word });
  expect(readFileSync(path, 'utf8')).toBe(word);
  expect(await client.ok('file_read', { source })).toMatchObject({ content: word });
  expect(await client.ok('file_stat', { alias: 'web1', path })).toMatchObject({ size: word.length });
  expect(await client.ok('file_list', { alias: 'web1', path: folder })).toMatchObject({
    entries: [{ path }],
    total: 1,
  });
  expect(await client.ok('file_checksum', { alias: 'web1', path })).toMatchObject({ size: word.length });
  await client.ok('file_remove', { alias: 'web1', path });
  expect(existsSync(path)).toBe(false);
}

async function transfersWith(variant: Variant, folder: string, word: string): Promise<void> {
  const remote = join(folder, word);
  mkdirSync(join(variant.files, 'names'), { recursive: true });
  const local = join('names', word);
  writeFileSync(join(variant.files, local), word);
  for (const [tool, pair] of [
    ['task_transfer', (l: string) => ({ local: l, remote })],
    ['task_transfer_multi', (l: string) => ({ files: [{ local: l, remote }] })],
  ] as const) {
    const back = join('names', `${tool} ${word}`);
    for (const [direction, at] of [
      ['upload', local],
      ['download', back],
    ] as const) {
      const answer = await answerOf(variant, tool, { alias: 'web1', direction, ...pair(at) });
      expect(answer.isError ?? false, JSON.stringify(answer.structuredContent)).toBe(false);
    }
    expect(readFileSync(join(variant.files, back), 'utf8')).toBe(word);
    await variant.ok('file_remove', { alias: 'web1', path: remote });
  }
}
