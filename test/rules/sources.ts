import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files that git knows or would add, relative to the root. */
export function files(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const out = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const deleted = execFileSync('git', ['ls-files', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\n');
  return out.split('\n').filter((file) => file !== '' && !deleted.includes(file));
}

export const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Source files of the product: no tests, no generated files. */
export const sources = (): string[] =>
  files(
    'packages/*/src/**/*.ts',
    'packages/*/src/*.ts',
    'servers/*/src/**/*.ts',
    'servers/*/src/*.ts',
    'templates/*/src/**/*.ts',
    'templates/*/src/*.ts',
    'hub/src/**/*.ts',
    'hub/src/*.ts',
  );

/** `packages/core`, `servers/sftp` or `hub`. */
export function workspaceOf(file: string): string {
  const [first, second] = file.split('/');
  return first === 'hub' || first === 'test' ? first : `${first}/${second}`;
}

export interface Import {
  file: string;
  specifier: string;
  typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm;

export function importsOf(file: string): Import[] {
  return [...read(file).matchAll(IMPORT)].map((match) => ({
    file,
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

export const resolveRelative = (file: string, specifier: string): string => join(dirname(file), specifier);
