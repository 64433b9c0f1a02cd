import { PassThrough } from 'node:stream';
import type { World } from '../../../src/cli/world.ts';

/** A command line that nobody listens to. */
export const fakeWorld = (changes: Partial<World> = {}): World => ({
  argv: [],
  env: {},
  cwd: '/',
  platform: 'linux',
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  launch: { node: '/node', entry: '/main.js', nodeArguments: [], root: '/repo' },
  ...changes,
});
