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
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
  const inBundle = JSON.parse(readFileSync(join(dist, 'tools.json'), 'utf8')) as { name: string }[];
  expect(inBundle.sort(byName)).toEqual((listed.json() as { name: string }[]).sort(byName));
});

/** The files of the bundle that this one cannot be loaded without. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, from, bare] of text.matchAll(/ from "\.\/([^"]+)"|^import "\.\/([^"]+)"/gm))
    loadedWith((from ?? bare) as string, found);
  return found;
}

const importedLater = (files: Iterable<string>, name: string): string => {
  const found = [...files].flatMap((file) => [
    ...readFileSync(join(dist, file), 'utf8').matchAll(/import\("\.\/([a-z]+)(-[^"]+)"/g),
  ]);
  const [, , hash = ''] = found.find(([, chunk]) => chunk === name) ?? [];
  return `${name}${hash}`;
};

const sourcesOf = (files: Iterable<string>): string[] =>
  [...files].flatMap(
    (file) => (JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')) as { sources: string[] }).sources,
  );

test('what an assistant starts lists the tools before it loads the rest, and never what only people need', () => {
  const first = loadedWith(importedLater(['main.js'], 'stdio'));
  expect(sourcesOf(first).filter((source) => /ssh2|packages\/(ssh|store|jobs)\//.test(source))).toEqual([]);
  const later = sourcesOf(loadedWith(importedLater(first, 'hub')));
  expect(later.some((source) => source.includes('ssh2'))).toBe(true);
  const forPeople = /commander|inquirer|picocolors|undici|snippets/;
  expect([...sourcesOf(first), ...later].filter((source) => forPeople.test(source))).toEqual([]);
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
