import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allBytes, open, tempFolder } from '../temp-vault.ts';

const program = fileURLToPath(new URL('../fixtures/add-hosts-forever.ts', import.meta.url));
const ROUNDS = 12;

/** Aliases that the process said are stored. */
function start(
  folder: string,
  prefix: string,
): { child: ChildProcess; acknowledged: string[]; first: Promise<unknown> } {
  const child = spawn(process.execPath, ['--conditions=@flotilla/source', program, folder, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  if (!child.stdout) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => acknowledged.push(line));
  return { child, acknowledged, first: once(lines, 'line') };
}

test('processes killed at any moment, from the very first start on: nothing acknowledged is lost', async () => {
  const folder = tempFolder();
  const everything: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const writers = ['a', 'b', 'c'].map((name) => start(folder, `${name}${round}`));
    if (round > 0) await Promise.race(writers.map((writer) => writer.first));
    for (const { child } of writers) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * (round === 0 ? 400 : 60)));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    everything.push(...writers.flatMap((writer) => writer.acknowledged));
    const { inventory, store } = await open(folder);
    for (const alias of everything) expect(inventory.record(alias).password).toBe(`canary-${alias}`);
    expect(inventory.secretValues()).toHaveLength(inventory.list().length);
    expect(store.check()).toBe('ok');
    await store.close();
  }
  expect(everything.length).toBeGreaterThan(ROUNDS);
  expect(readdirSync(folder)).toContain('master.key');
  expect(allBytes(folder)).not.toContain('canary');
}, 120_000);
