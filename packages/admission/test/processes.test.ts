import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { open } from './temp-audit.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./fixtures/write-rows.ts', import.meta.url));

test('four processes write one chain that holds', async () => {
  const { folder, audit } = open();
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) =>
      run(process.execPath, ['--conditions=@flotilla/source', program, folder, name, '50']),
    ),
  );
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 400 });
  for (const principal of ['a', 'b', 'c', 'd']) {
    const { calls } = audit.search({ principal, limit: 100 });
    expect(calls.filter((call) => call.result === 'ok')).toHaveLength(50);
    expect(calls.map((call) => call.args['n'])).toEqual(Array.from({ length: 50 }, (_, n) => 49 - n));
  }
}, 120_000);
