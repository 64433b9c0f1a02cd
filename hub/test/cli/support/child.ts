import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { root } from './cli.ts';

const bundle = join(root, 'hub/dist/main.js');

/** Makes the bundle that users start; quick when it is made already. */
export const makeBundle = (): void => {
  execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
};

export interface Child {
  process: ChildProcessWithoutNullStreams;
  pid: number;
  out(): string;
  err(): string;
  /** Waits until stdout holds this text. */
  saysOut(text: string): Promise<void>;
  /** Exit code, or the name of the signal. */
  ended(): Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildOptions {
  home: string;
  env?: Record<string, string>;
  /** Instead of the bundle run by this Node. */
  program?: string;
}

/** The real program as users start it, in a home folder of its own. */
export function startFlotilla(argv: readonly string[], options: ChildOptions): Child {
  const env = { HOME: options.home, PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...options.env };
  const [file, first] = options.program ? [options.program, []] : [process.execPath, [bundle]];
  const child = spawn(file, [...first, ...argv], { env, cwd: options.home });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    process: child,
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    async saysOut(text) {
      await waitFor(
        () => {
          if (out.includes(text)) return true;
          if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${out}\n${err}`);
          return false;
        },
        { timeoutMs: 15_000, what: `${JSON.stringify(text)} on stdout` },
      );
    },
    ended: () => ended,
    kill: (signal) => void child.kill(signal),
  };
}
