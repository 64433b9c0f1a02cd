import { execFile, execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { files, root } from '../rules/sources.ts';

export interface Copy {
  root: string;
  /** `npm run new -- ARGS` there: its exit code and all it said. */
  generate(...args: string[]): Promise<{ code: number; said: string }>;
  /** The same with more in its environment. */
  generateIn(env: Record<string, string>, ...args: string[]): Promise<{ code: number; said: string }>;
  remove(): void;
}

/** The repository's files as they are now, in a git repository of their own, without what is installed. */
export function copyOfRepository(...patterns: string[]): Copy {
  const folder = tempDir('flotilla-generator-');
  for (const file of files(...patterns))
    cpSync(join(root, file), join(folder.path, file), { verbatimSymlinks: true });
  symlinkSync(join(root, '.tools'), join(folder.path, '.tools'));
  execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
  const generateIn: Copy['generateIn'] = (more, ...args) =>
    new Promise((resolve) => {
      const script = join(folder.path, 'scripts', 'new.mjs');
      const env = { HOME: process.env['HOME'], PATH: process.env['PATH'], ...more };
      const child = execFile(process.execPath, [script, ...args], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}` }),
      );
    });
  return {
    root: folder.path,
    generate: (...args) => generateIn({}, ...args),
    generateIn,
    remove: () => folder.remove(),
  };
}
