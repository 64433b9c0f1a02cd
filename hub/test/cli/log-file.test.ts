import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { openProcess } from '@flotilla/runtime';
import { tempDir } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logFile, withLogFile } from '../../src/cli/serve/log-file.ts';

let folder: ReturnType<typeof tempDir>;
beforeEach(() => {
  folder = tempDir('flotilla-log-');
});
afterEach(() => folder.remove());

const open = async () =>
  withLogFile(await openProcess({ HOME: folder.path, FLOTILLA_DATA_DIR: folder.path, LOG_LEVEL: 'warn' }));
const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('what is logged is in memory and in the file, with the process, without secrets', async () => {
  const { log, ring, redactor } = await open();
  redactor.add('hunter2-secret');
  log.warn({ tried: 'hunter2-secret' }, 'careful');
  log.info('below the level');
  expect(ring.search()).toMatchObject([{ message: 'careful' }]);
  expect(lines(logFile(folder.path))).toMatchObject([{ pid: process.pid, msg: 'careful' }]);
  expect(readFileSync(logFile(folder.path), 'utf8')).not.toContain('hunter2-secret');
  expect(statSync(logFile(folder.path)).mode & 0o777).toBe(0o600);
});

test('a full file becomes the older one', async () => {
  const file = logFile(folder.path);
  writeFileSync(file, `${JSON.stringify({ msg: 'x'.repeat(5 * 1024 * 1024) })}\n`);
  const { log } = await open();
  log.warn('the last of it');
  log.warn('a new beginning');
  expect(lines(`${file}.1`).at(-1)).toMatchObject({ msg: 'the last of it' });
  expect(lines(file)).toMatchObject([{ msg: 'a new beginning' }]);
});

test('a folder that is gone ends nobody', async () => {
  const { log } = await open();
  folder.remove();
  expect(() => log.warn('nowhere to go')).not.toThrow();
});
