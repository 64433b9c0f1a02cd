import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyTool, defineServer, ERROR_CODES, type ServerDefinition } from '@flotilla/core';
import { checkServerContract } from '@flotilla/core/testing';
import { BUILT_IN } from '@flotilla/hub';
import { createRuntime, openProcess, type Runtime } from '@flotilla/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../rules/sources.ts';
import { type TestHome, testHome } from '../support/hub.ts';

let home: TestHome;
let runtime: Runtime;
let fleet: ServerDefinition;

beforeAll(async () => {
  home = testHome();
  runtime = await createRuntime({ ...(await openProcess(home.env)), servers: [] });
  fleet = defineServer({
    name: 'fleet',
    title: 'Hosts and runs',
    instructions: 'The tools that every front end has.',
    tools: (runtime.lanes.get('fleet') ?? []).map(({ tool }) => tool),
  });
});

afterAll(async () => {
  await runtime.close();
  home.remove();
});

const all = (): readonly AnyTool[] => [...BUILT_IN, fleet].flatMap(({ tools }) => tools);

test('every server keeps the contract', () => {
  for (const server of [...BUILT_IN, fleet]) expect(checkServerContract(server)).toEqual([]);
});

test('a name is used once, over all servers', () => {
  const names = all().map(({ name }) => name);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  expect(names.length).toBeGreaterThanOrEqual(36);
});

test('a tool of a server lives in the file of its name', () => {
  for (const server of BUILT_IN) {
    const folder = ['servers', 'packages']
      .map((where) => join(root, where, server.name, 'src', 'tools'))
      .find(existsSync);
    const files = folder === undefined ? [] : readdirSync(folder);
    expect(files.toSorted()).toEqual(
      server.tools.map(({ name }) => `${name.replaceAll('_', '-')}.ts`).toSorted(),
    );
  }
});

test('what can destroy says so; what only looks says that', () => {
  const effects = new Map(
    all().map(({ name, effect }) => [name, typeof effect === 'string' ? effect : effect.max]),
  );
  for (const name of [
    'task_exec',
    'task_exec_interactive',
    'task_exec_sequence',
    'script_run',
    'process_kill',
    'task_transfer',
    'task_transfer_multi',
    'file_write',
    'file_remove',
    'task_retry',
    'server_remove',
  ])
    expect(effects.get(name), name).toBe('destroy');
  for (const name of [
    'process_list',
    'file_read',
    'file_list',
    'task_status',
    'task_output',
    'server_list',
    'fleet_status',
    'audit_search',
    'queue_stats',
  ])
    expect(effects.get(name), name).toBe('read');
});

/** The test blocks of the repository: from one `test(` to the next. */
function testBlocks(): string[] {
  const blocks: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !['node_modules', 'dist', 'rules'].includes(entry.name)) visit(path);
      if (entry.name.endsWith('.test.ts') && entry.name !== 'contract.test.ts')
        blocks.push(...readFileSync(path, 'utf8').split(/\b(?:test|it)(?:\.\w+)*[(<]/));
    }
  };
  for (const folder of ['packages', 'servers', 'hub', 'test']) visit(join(root, folder));
  return blocks;
}

describe('every tool is tested', () => {
  const blocks = testBlocks();
  const failing = (block: string): boolean =>
    [...ERROR_CODES, 'isError'].some((code) => block.includes(`'${code}'`) || block.includes(`${code}:`));

  test('where it works', () => {
    const without = all().filter(
      ({ name }) => !blocks.some((block) => block.includes(`'${name}'`) && !failing(block)),
    );
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test('where it fails', () => {
    const without = all().filter(
      ({ name }) => !blocks.some((block) => block.includes(`'${name}'`) && failing(block)),
    );
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});

test('every error that a client can see is provoked somewhere', () => {
  const text = testBlocks().join('\n');
  const later = ['APPROVAL_REQUIRED', 'RATE_LIMITED'];
  const missing = ERROR_CODES.filter((code) => !text.includes(`'${code}'`) && !later.includes(code));
  expect(missing).toEqual([]);
});
