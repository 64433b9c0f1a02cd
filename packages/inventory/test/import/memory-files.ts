import { matchesPattern } from '../../src/import/ssh-config/patterns.ts';
import type { ImportFiles } from '../../src/index.ts';

/** Files by absolute path, seen as an import sees the disk. */
export function memoryFiles(content: Record<string, string>): ImportFiles {
  const names = Object.keys(content);
  return {
    homedir: '/home/me',
    localUser: 'me',
    read: (file) => content[file],
    exists: (file) => file in content,
    glob: (pattern) => names.filter((name) => matchesPattern(name, pattern)).sort(),
  };
}
