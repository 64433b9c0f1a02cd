import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import type { World } from './cli/world.ts';

const root = join(import.meta.dirname, '..', '..');
enableCompileCache(join(root, 'node_modules', '.cache', 'flotilla'));

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  launch: {
    node: process.execPath,
    entry: import.meta.filename,
    nodeArguments: import.meta.filename.endsWith('.ts') ? process.execArgv : [],
    root,
  },
};

// What an assistant starts loads nothing that only people need.
const plainStdio = world.argv.length === 2 && world.argv[0] === 'serve' && world.argv[1] === '--stdio';
const { run } = plainStdio ? await import('./cli/serve/stdio.ts') : await import('./cli/run.ts');
process.exitCode = await run(world);
