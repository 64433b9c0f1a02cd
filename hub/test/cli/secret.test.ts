import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMachine, type Machine } from './support/cli.ts';

const VALUE = 'correct-horse-battery-staple';
let machine: Machine;
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

/** Every byte of the data folder. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('a secret is stored from standard input, listed by name, replaced and removed', async () => {
  const { flotilla, dataDir } = machine;
  const stored = await flotilla(['secret', 'set', 'farm'], { stdin: `${VALUE}\n` });
  expect(stored).toMatchObject({ code: 0, stdout: '' });
  expect(stored.stderr).toContain(`farm is stored. In the config it is \${vault:farm}`);
  const again = await flotilla(['secret', 'set', 'farm', '--json'], { stdin: VALUE });
  expect(again.json()).toEqual({ name: 'farm', replaced: true });

  expect((await flotilla(['secret', 'list'])).stdout).toMatch(/^NAME +STORED\nfarm +(now|.* ago)\n$/);
  expect((await flotilla(['secrets', 'list', '--json'])).json()).toEqual([
    { name: 'farm', updatedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
  ]);
  expect(everything(dataDir)).not.toContain(VALUE);

  expect(await flotilla(['secret', 'remove', 'farm'])).toMatchObject({ code: 3 });
  expect(await flotilla(['secret', 'remove', 'farm', '--yes', '--json'])).toMatchObject({ code: 0 });
  expect((await flotilla(['secret', 'list'])).stderr).toContain('No secret');
  expect(await flotilla(['secret', 'rm', 'farm', '--yes'])).toMatchObject({ code: 4 });
});

test('what a person does with secrets is in the audit log, without the value', async () => {
  await machine.flotilla(['secret', 'set', 'farm'], { stdin: VALUE });
  await machine.flotilla(['secret', 'remove', 'farm', '--yes']);
  const { stdout } = await machine.flotilla(['audit', 'search', '--json']);
  expect(stdout).toContain('secret_set');
  expect(stdout).toContain('secret_remove');
  expect(stdout).not.toContain(VALUE);
});

test('on a terminal it is asked for, and not shown', async () => {
  const asked = await machine.flotilla(['secret', 'set', 'farm'], {
    columns: 80,
    types: [['Value of farm', `${VALUE}\r`]],
  });
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout + asked.stderr).not.toContain(VALUE);
  expect((await machine.flotilla(['secret', 'list'])).stdout).toContain('farm');
});

test.each([
  [['secret', 'set', 'a b'], VALUE, 'does not fit'],
  [['secret', 'set', 'farm'], '', 'Standard input is empty'],
  [['secret', 'set', 'farm'], '\n', 'Standard input is empty'],
])('%j with %j is refused', async (argv, stdin, said) => {
  const refused = await machine.flotilla(argv, { stdin });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(said);
});

test('no tool reads or sets them', async () => {
  const { stdout } = await machine.flotilla(['tools', '--json']);
  expect(stdout).not.toMatch(/secret_|vault_/);
});

test('a config that names a secret that is not there still lets a person store it', async () => {
  await machine.flotilla(['secret', 'list']);
  const config = {
    mcpServers: {
      farm: { url: 'http://127.0.0.1:9/mcp', headers: { authorization: `Bearer \${vault:farm}` } },
    },
    http: { tokens: { ci: `\${vault:ci}` } },
    servers: { monitoring: { password: `\${vault:mail}` } },
  };
  writeFileSync(join(machine.dataDir, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  for (const name of ['farm', 'ci', 'mail'])
    expect(await machine.flotilla(['secret', 'set', name], { stdin: VALUE })).toMatchObject({ code: 0 });
  const removing = await machine.flotilla(['secret', 'remove', 'ci', '--yes']);
  expect(removing.stderr).toContain('The config names it');
});
