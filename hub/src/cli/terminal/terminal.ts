import pc from 'picocolors';
import type { Output, World } from '../world.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** How to talk to whoever reads: colours and widths as the two outputs allow. */
export interface Terminal {
  /** Data: one line or block on stdout. */
  print(text: string): void;
  /** Everything else: notes, progress, errors, on stderr. */
  note(text: string): void;
  json(value: unknown): void;
  /** Colours of stdout. */
  color: Colors;
  /** Colours of stderr. */
  noteColor: Colors;
  /** Columns of stdout; absent when it is no terminal, then nothing is cut. */
  columns: number | undefined;
  /** A person can be asked: stdin and stderr are terminals and this is no CI. */
  interactive: boolean;
  /** stderr may show a progress line that is overwritten. */
  progress: boolean;
}

const truthy = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0';

function wantsColor(output: Output, env: World['env']): boolean {
  if (truthy(env['NO_COLOR'])) return false;
  if (truthy(env['FORCE_COLOR'])) return true;
  return output.isTTY === true && !truthy(env['CI']) && env['TERM'] !== 'dumb';
}

export function createTerminal(world: World): Terminal {
  const { stdout, stderr, stdin, env } = world;
  const ci = truthy(env['CI']);
  const line = (output: Output, text: string) => output.write(text.endsWith('\n') ? text : `${text}\n`);
  return {
    print: (text) => line(stdout, text),
    note: (text) => line(stderr, text),
    json: (value) => line(stdout, JSON.stringify(value, undefined, 2)),
    color: pc.createColors(wantsColor(stdout, env)),
    noteColor: pc.createColors(wantsColor(stderr, env)),
    columns: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
    interactive: stdin.isTTY === true && stderr.isTTY === true && !ci,
    progress: stderr.isTTY === true && !ci && env['TERM'] !== 'dumb',
  };
}
