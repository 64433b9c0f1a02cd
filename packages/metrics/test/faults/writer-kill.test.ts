import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tempDir } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MetricsFile } from '../../src/file/metrics-file.ts';

const WRITER = fileURLToPath(new URL('../fixtures/writer.ts', import.meta.url));
const START = Date.UTC(2026, 0, 5);
const STEP_MS = 15_000;

let folder: ReturnType<typeof tempDir>;
let path: string;
beforeEach(() => {
  folder = tempDir('flotilla-kill-');
  path = join(folder.path, 'metrics.sqlite');
});
afterEach(() => folder.remove());

/** Writes samples from a number on, until killed after so many were confirmed; returns the last confirmed one. */
async function writeAndKill(from: number, after: number): Promise<number> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@flotilla/source', WRITER, path, String(START), String(from)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let confirmed = from - 1;
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    confirmed = Number(line);
    if (confirmed === from + after) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return confirmed;
}

test('writers that are killed at any moment lose nothing that was confirmed, and the next one goes on', async () => {
  let next = 0;
  for (const after of [3, 17, 41, 64, 90, 23]) next = (await writeAndKill(next, after)) + 1;
  const file = new MetricsFile(path);
  try {
    const end = START + (next + 10) * STEP_MS;
    const [raw] = file.points({ name: 'number', from: START, to: end, stepMs: 1_000 }, end);
    const numbers = raw?.points.map(([, value]) => value) ?? [];
    expect(numbers.slice(0, next)).toEqual(Array.from({ length: next }, (_, index) => index));
    const [steps] = file.buckets({ name: 'number', from: START, to: end, stepMs: 300_000 }, end);
    for (const { at, n, sum } of steps?.buckets.slice(0, -1) ?? []) {
      const first = (at - START) / STEP_MS;
      expect([n, sum]).toEqual([20, 20 * first + 190]);
    }
    expect(steps?.buckets.length).toBeGreaterThan(10);
  } finally {
    file.close();
  }
});
