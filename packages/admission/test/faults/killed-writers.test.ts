import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { open } from '../temp-audit.ts';

const program = fileURLToPath(new URL('../fixtures/write-forever.ts', import.meta.url));
const ROUNDS = 12;

interface Writer {
  child: ChildProcess;
  principal: string;
  stored: number;
  first: Promise<unknown>;
}

function start(folder: string, principal: string): Writer {
  const child = spawn(process.execPath, ['--conditions=@flotilla/source', program, folder, principal], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  const writer: Writer = { child, principal, stored: 0, first: once(lines, 'line') };
  lines.on('line', (line) => {
    writer.stored = Number(line);
  });
  return writer;
}

test('writers killed at any moment leave one chain that holds, with every call they had stored', async () => {
  const { folder, audit, store } = open();
  for (let round = 0; round < ROUNDS; round++) {
    const writers = ['a', 'b', 'c'].map((name) => start(folder, `${name}${round}`));
    await Promise.race(writers.map((writer) => writer.first));
    for (const { child } of writers) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    expect(await audit.verify()).toMatchObject({ ok: true });
    for (const { principal, stored } of writers) {
      const found = store.read((sql) =>
        sql.get<{ n: number }>("SELECT count(*) AS n FROM audit WHERE principal = ? AND kind = 'begin'", [
          principal,
        ]),
      );
      expect(found?.n).toBeGreaterThanOrEqual(stored);
    }
  }
  expect(audit.head().seq).toBeGreaterThan(ROUNDS * 2);
}, 120_000);
