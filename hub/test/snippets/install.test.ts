import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { lineDiff } from '../../src/snippets/diff.ts';
import { CLIENTS } from '../../src/snippets/index.ts';
import { withEntry } from '../../src/snippets/merge.ts';
import { readConfig, replaceConfig } from '../../src/snippets/write-config.ts';

const [claudeCode, , , vscode] = CLIENTS as [never, never, never, never];
const entry = { command: 'node', args: ['main.js'] };
const folder = tempDir('flotilla-install-');
afterAll(() => folder.remove());

describe('the merged file', () => {
  test('is made when there is none', () => {
    expect(JSON.parse(withEntry(vscode, 'f', undefined, 'flotilla', entry))).toEqual({
      servers: { flotilla: entry },
    });
    expect(JSON.parse(withEntry(vscode, 'f', '  \n', 'flotilla', entry))).toEqual({
      servers: { flotilla: entry },
    });
  });

  test('keeps every other part, its order and its indentation', () => {
    const before =
      '{\n    "theme": "dark",\n    "mcpServers": {\n        "other": {"url": "x"}\n    },\n    "last": 1\n}\n';
    const after = withEntry(claudeCode, 'f', before, 'flotilla', entry);
    expect(Object.keys(JSON.parse(after))).toEqual(['theme', 'mcpServers', 'last']);
    expect(JSON.parse(after).mcpServers).toEqual({ other: { url: 'x' }, flotilla: entry });
    expect(after).toContain('\n    "theme"');
  });

  test('replaces an earlier entry as a whole', () => {
    const before = JSON.stringify({ mcpServers: { flotilla: { url: 'old', headers: {} }, z: {} } });
    expect(JSON.parse(withEntry(claudeCode, 'f', before, 'flotilla', entry)).mcpServers.flotilla).toEqual(
      entry,
    );
  });

  test.each([['{"mcpServers": {'], ['[]'], ['"text"'], ['{"mcpServers": []}'], ['// comment\n{}']])(
    '%j is refused',
    (text) => {
      const merge = () => withEntry(claudeCode, '/x/f.json', text, 'flotilla', entry);
      expect(merge).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
      expect(merge).toThrow(/\/x\/f\.json/);
    },
  );
});

test('the diff shows what changes and what surrounds it', () => {
  const before = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n';
  const after = '{\n  "a": 1,\n  "b": 20,\n  "c": 3\n}\n';
  expect(lineDiff(before, after, 1)).toEqual(['    "a": 1,', '-   "b": 2,', '+   "b": 20,', '    "c": 3']);
  expect(lineDiff('', '{}\n')).toEqual(['+ {}']);
});

describe('writing', () => {
  test('a new file is private and its folders are made', async () => {
    const file = join(folder.path, 'deep', 'er', 'mcp.json');
    expect(await readConfig(file)).toBeUndefined();
    expect(await replaceConfig(file, '{}\n')).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('{}\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('an old one keeps its mode and leaves a copy', async () => {
    const file = join(folder.path, 'old.json');
    writeFileSync(file, 'old');
    chmodSync(file, 0o644);
    const backup = await replaceConfig(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readFileSync(backup ?? '', 'utf8')).toBe('old');
  });

  test('a symbolic link stays one', async () => {
    mkdirSync(join(folder.path, 'dotfiles'));
    const real = join(folder.path, 'dotfiles', 'real.json');
    const link = join(folder.path, 'link.json');
    writeFileSync(real, 'old');
    symlinkSync(real, link);
    await replaceConfig(link, 'new');
    expect(readFileSync(real, 'utf8')).toBe('new');
  });
});
