import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { tempDir } from '@flotilla/testkit';
import { run } from '../../../src/cli/run.ts';
import type { Output, World } from '../../../src/cli/world.ts';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
  /** stdout as JSON. */
  json(): never;
}

/** A command that has not ended yet. */
export interface RunningCli {
  out(): string;
  err(): string;
  ended: Promise<number>;
}

export interface CliCall {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  /** Both outputs are terminals of this width. */
  columns?: number;
  /** A person sits at the terminal: what they type at which question, in this order. */
  types?: readonly Answer[];
}

export type Answer = readonly [question: string, keys: string];

class Captured extends Writable {
  text = '';
  isTTY = false;
  columns = 80;

  /** Like the real ones: a stream piped into it does not end it. */
  override end(): this {
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    this.emit('captured');
    done();
  }
}

/** Keys that arrive once the question they answer is on the screen and the cursor was put behind it. */
function keyboard(answers: readonly Answer[], stderr: Captured): PassThrough {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const left = [...answers];
  let from = 0;
  stderr.on('captured', () => {
    const [question, keys] = left[0] ?? [];
    const at = question === undefined ? -1 : stderr.text.indexOf(question, from);
    if (at < 0 || !stderr.text.includes('\u001b[', at)) return;
    from = stderr.text.length;
    left.shift();
    setImmediate(() => stdin.write(keys));
  });
  return stdin;
}

/** A person's machine: an empty home folder and the command line on it, in this process. */
export function createMachine() {
  const home = tempDir('flotilla-cli-');
  const dataDir = join(home.path, '.config', 'flotilla');
  const start = (argv: readonly string[], call: CliCall = {}): RunningCli => {
    const stdout = new Captured();
    const stderr = new Captured();
    for (const output of [stdout, stderr]) {
      output.isTTY = call.columns !== undefined || call.types !== undefined;
      output.columns = call.columns ?? 80;
    }
    const stdin = call.types ? keyboard(call.types, stderr) : new PassThrough();
    if (!call.types) stdin.end(call.stdin ?? '');
    const ended = run({
      argv,
      env: { HOME: home.path, PATH: process.env['PATH'], NO_COLOR: '1', ...call.env },
      cwd: call.cwd ?? home.path,
      platform: 'linux',
      stdin: stdin as unknown as World['stdin'],
      stdout: stdout as Output,
      stderr: stderr as Output,
      launch: { node: process.execPath, entry: join(root, 'hub/dist/main.js'), nodeArguments: [], root },
    });
    return { out: () => stdout.text, err: () => stderr.text, ended };
  };
  return {
    home: home.path,
    dataDir,
    remove: () => home.remove(),
    start,
    async flotilla(argv: readonly string[], call: CliCall = {}): Promise<CliResult> {
      const running = start(argv, call);
      const code = await running.ended;
      const stdout = running.out();
      return { code, stdout, stderr: running.err(), json: () => JSON.parse(stdout) as never };
    },
  };
}

export type Machine = ReturnType<typeof createMachine>;
