import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBundle, startFlotilla } from './support/child.ts';
import { createMachine, type Machine, root } from './support/cli.ts';

let machine: Machine;
beforeAll(() => {
  makeBundle();
  machine = createMachine();
}, 120_000);
afterAll(() => machine.remove());

const dist = join(root, 'hub/dist');

test('a bundle that is current is left alone', () => {
  const before = statSync(join(dist, 'main.js')).mtimeMs;
  makeBundle();
  expect(statSync(join(dist, 'main.js')).mtimeMs).toBe(before);
});

test('the list of tools in it is the one made from their schemas', async () => {
  const listed = await machine.flotilla(['tools', '--json']);
  expect(JSON.parse(readFileSync(join(dist, 'tools.json'), 'utf8'))).toEqual(listed.json());
});

test('what an assistant starts loads nothing that only people need', () => {
  const needed = new Set<string>();
  const walk = (file: string): void => {
    if (needed.has(file)) return;
    needed.add(file);
    const text = readFileSync(join(dist, file), 'utf8');
    for (const [, from, bare] of text.matchAll(/ from "\.\/([^"]+)"|^import "\.\/([^"]+)"/gm))
      walk((from ?? bare) as string);
  };
  const [, stdio = ''] =
    /import\("\.\/(stdio-[^"]+)"/.exec(readFileSync(join(dist, 'main.js'), 'utf8')) ?? [];
  walk(stdio);
  const sources = [...needed].flatMap(
    (file) => (JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')) as { sources: string[] }).sources,
  );
  expect(sources.some((source) => source.includes('ssh2'))).toBe(true);
  expect(sources.filter((source) => /commander|inquirer|picocolors|undici|snippets/.test(source))).toEqual(
    [],
  );
});

test.each(readdirSync(join(root, 'servers')))('the server %s runs alone', async (name) => {
  const program = join(root, 'bin', `flotilla-${name}`);
  const child = startFlotilla(['--help'], { home: machine.home, program });
  expect(await child.ended()).toBe(0);
  expect(child.err()).toContain(`flotilla-${name}: `);
});

test('it runs from any folder', async () => {
  const child = startFlotilla(['host', 'list', '--json'], { home: machine.home });
  expect(await child.ended()).toBe(0);
  expect(JSON.parse(child.out())).toEqual([]);
});
