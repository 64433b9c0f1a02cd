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

export interface CliCall {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  /** Both outputs are terminals of this width. */
  columns?: number;
  /** A person sits at the terminal and types this at prompts, a piece per prompt. */
  types?: readonly string[];
}

class Captured extends Writable {
  text = '';
  isTTY = false;
  columns = 80;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    this.emit('captured');
    done();
  }
}

/** Keys that arrive when the program asks: @inquirer ends each question's line with its message and a space. */
function keyboard(pieces: readonly string[], stderr: Captured): PassThrough {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const left = [...pieces];
  let answered = 0;
  stderr.on('captured', () => {
    const asked = stderr.text.split('\u001b[?25').length + stderr.text.split('? ').length;
    if (left.length === 0 || asked <= answered) return;
    answered = asked;
    const piece = left.shift();
    setImmediate(() => stdin.write(piece));
  });
  return stdin;
}

/** A person's machine: an empty home folder and the command line on it, in this process. */
export function createMachine() {
  const home = tempDir('flotilla-cli-');
  const dataDir = join(home.path, '.config', 'flotilla');
  return {
    home: home.path,
    dataDir,
    remove: () => home.remove(),
    async flotilla(argv: readonly string[], call: CliCall = {}): Promise<CliResult> {
      const stdout = new Captured();
      const stderr = new Captured();
      for (const output of [stdout, stderr]) {
        output.isTTY = call.columns !== undefined || call.types !== undefined;
        output.columns = call.columns ?? 80;
      }
      const stdin = call.types ? keyboard(call.types, stderr) : new PassThrough();
      if (!call.types) stdin.end(call.stdin ?? '');
      const world: World = {
        argv,
        env: { HOME: home.path, PATH: process.env['PATH'], NO_COLOR: '1', ...call.env },
        cwd: call.cwd ?? home.path,
        platform: 'linux',
        stdin: stdin as unknown as World['stdin'],
        stdout: stdout as Output,
        stderr: stderr as Output,
        launch: { node: process.execPath, entry: join(root, 'hub/dist/main.js'), nodeArguments: [], root },
      };
      const code = await run(world);
      const text = stdout.text;
      return { code, stdout: text, stderr: stderr.text, json: () => JSON.parse(text) as never };
    },
  };
}

export type Machine = ReturnType<typeof createMachine>;
