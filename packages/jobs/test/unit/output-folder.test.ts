import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { linkOutput, removeOutput, storedOutputs, syncOutput } from '../../src/output/output-folder.ts';

function folderWith(files: Record<string, Record<string, string>>): string {
  const folder = tempDir('flotilla-output-');
  onTestFinished(() => folder.remove());
  for (const [run, streams] of Object.entries(files)) {
    mkdirSync(join(folder.path, run), { mode: 0o700 });
    for (const [name, text] of Object.entries(streams)) writeFileSync(join(folder.path, run, name), text);
  }
  return folder.path;
}

test('a run that repeats another one gets its files, and keeps them when the first is removed', () => {
  const output = folderWith({ run_a: { 'x@web1.1.stdout': 'kept', 'x@web1.1.stderr': '' } });
  linkOutput(output, 'run_a', 'run_b');
  removeOutput(output, 'run_a');
  removeOutput(output, 'run_a');
  expect(existsSync(join(output, 'run_a'))).toBe(false);
  expect(readFileSync(join(output, 'run_b', 'x@web1.1.stdout'), 'utf8')).toBe('kept');
  expect(statSync(join(output, 'run_b')).mode & 0o777).toBe(0o700);
  linkOutput(output, 'run_without', 'run_c');
  expect(existsSync(join(output, 'run_c'))).toBe(false);
});

test('output is written through to the disk when it is there', () => {
  const output = folderWith({ run_a: { 'x@web1.1.stdout': 'text' } });
  expect(() => syncOutput(output, 'run_a')).not.toThrow();
  expect(() => syncOutput(output, 'run_without')).not.toThrow();
});

test('stored output is listed oldest first, with its size and age', async () => {
  const output = folderWith({
    run_02: { a: '12345', b: '67' },
    run_01: { a: '1' },
    run_03: {},
  });
  utimesSync(join(output, 'run_01'), 1_000, 1_000);
  const listed = await storedOutputs(output);
  expect(listed.map(({ runId, bytes }) => [runId, bytes])).toEqual([
    ['run_01', 1],
    ['run_02', 7],
    ['run_03', 0],
  ]);
  expect(listed[0]?.modifiedMs).toBe(1_000_000);
  expect(await storedOutputs(join(output, 'missing'))).toEqual([]);
});
