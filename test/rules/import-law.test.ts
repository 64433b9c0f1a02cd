import { expect, test } from 'vitest';
import { type Import, importsOf, read, resolveRelative, sources, workspaceOf } from './sources.ts';

const imports = sources().flatMap(importsOf);
const offenders = (found: readonly Import[]): string[] =>
  found.map(({ file, specifier }) => `${file} imports ${specifier}`);

/** What each kind of workspace may import of ours at run time. */
const ALLOWED: Record<string, readonly string[]> = {
  'packages/core': [],
  'packages/store': ['core'],
  'packages/inventory': ['core', 'store'],
  'packages/metrics': ['core', 'store'],
  'packages/ssh': ['core'],
  'packages/jobs': ['core', 'store'],
  'packages/bullmq': ['core', 'jobs'],
  'packages/workers': ['core', 'jobs'],
  'packages/admission': ['core', 'store'],
  'packages/fleet': ['core', 'store', 'inventory', 'ssh', 'jobs', 'admission'],
  'packages/runtime': [
    'core',
    'store',
    'inventory',
    'ssh',
    'jobs',
    'bullmq',
    'workers',
    'admission',
    'fleet',
  ],
  'packages/schedules': ['core'],
  'packages/testkit': ['core', 'ssh'],
};

test('the packages import each other only as the architecture allows', () => {
  const wrong = imports.filter(({ file, specifier, typeOnly }) => {
    const [, name] = /^@flotilla\/([a-z-]+)/.exec(specifier) ?? [];
    const workspace = workspaceOf(file);
    const allowed = ALLOWED[workspace];
    if (!name || !allowed || typeOnly || workspace === `packages/${name}`) return false;
    return !allowed.includes(name);
  });
  expect(offenders(wrong)).toEqual([]);
});

test('a server never imports another server or the hub, and nothing of the product imports the testkit', () => {
  const servers = new Set(
    sources()
      .filter((file) => file.startsWith('servers/'))
      .map((file) => workspaceOf(file).split('/')[1]),
  );
  const wrong = imports.filter(({ file, specifier }) => {
    const [, name] = /^@flotilla\/([a-z-]+)/.exec(specifier) ?? [];
    if (name === 'testkit') return !file.startsWith('packages/testkit/');
    if (!/^(servers|templates)\//.test(file)) return false;
    return name === 'hub' || (servers.has(name) && workspaceOf(file) !== `servers/${name}`);
  });
  expect(offenders(wrong)).toEqual([]);
});

const ONLY: [name: RegExp, allowed: RegExp][] = [
  [/^@modelcontextprotocol\//, /^(packages\/core\/src\/mcp\/|hub\/src\/(gateway|backend)\/)/],
  [/^ssh2(\/|$)/, /^packages\/(ssh|testkit)\//],
  [/^(bullmq|ioredis)$/, /^packages\/bullmq\//],
  [/^better-sqlite3$/, /^packages\/(store|metrics)\//],
];

test.each(ONLY)('%s is imported only where %s', (specifier, allowed) => {
  expect(
    offenders(imports.filter((found) => specifier.test(found.specifier) && !allowed.test(found.file))),
  ).toEqual([]);
});

test('no relative import leaves its workspace', () => {
  const wrong = imports.filter(
    ({ file, specifier }) =>
      specifier.startsWith('.') && workspaceOf(resolveRelative(file, specifier)) !== workspaceOf(file),
  );
  expect(offenders(wrong)).toEqual([]);
});

test('only main.ts files read the environment and the arguments', () => {
  const wrong = sources().filter(
    (file) =>
      !/\/main\.ts$/.test(file) &&
      !file.startsWith('packages/testkit/') &&
      /process\.(env|argv)\b/.test(read(file)),
  );
  expect(wrong).toEqual([]);
});
