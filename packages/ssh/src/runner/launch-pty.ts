import type { CommandSpec } from '@flotilla/core';
import type { ShellKind } from '../channel/fast-channel.ts';
import { quote } from '../quote.ts';
import type { Elevation } from './elevation.ts';
import {
  checkedInterpreter,
  commandText,
  environmentText,
  execWord,
  type Launch,
  unsupportedMix,
} from './launch-parts.ts';
import { sudoTerminalText } from './launch-sudo.ts';

const COLUMNS = 120;
const ROWS = 40;

/**
 * A command on a terminal of its own, made by script(1), which takes its input from the run's FIFO. A small shell inside
 * tells the supervisor the terminal's name and the command's status over descriptor 7 (script's own status differs
 * between util-linux and busybox) and is not seen by the command.
 */
export function ptyLaunch(spec: CommandSpec, facts: ShellKind, elevation: Elevation): Launch {
  const hidden = spec.secret === true || spec.interpreter !== undefined;
  if (elevation.kind !== 'none' && hidden)
    throw unsupportedMix('sudo, a terminal and a script or secret command');
  const { columns = COLUMNS, rows = ROWS } = spec.pty ?? {};
  const text = commandText(spec.command);
  const terminal = spec.env?.['TERM'] === undefined ? 'export TERM=xterm\n' : '';
  const environment = `${terminal}${environmentText(spec)}`;
  const plain = hidden ? `exec ${checkedInterpreter(spec.interpreter ?? 'sh')} ${facts.descriptors}/4` : text;
  const program =
    elevation.kind === 'none'
      ? plain
      : sudoTerminalText(elevation, `${environment}exec sh -c ${quote(text)}`);
  const wrapper = [
    'SHELL=$F_SHELL; unset F_SHELL; exec 9>&2 2>&7',
    `stty cols ${whole(columns)} rows ${whole(rows)}`,
    'printf "t %s %s .\\n" $$ "$(tty)" >&7',
    // In a process of its own first: what this shell says of its end belongs to descriptor 7.
    `(exec 2>&9 7>&- 9>&-; exec sh -c ${quote(program)})`,
    'printf "p %s .\\n" $? >&7',
  ].join('\n');
  const inputs = [
    ...(hidden ? [{ descriptor: 4, variable: '$1' }] : []),
    ...(elevation.kind === 'password' ? [{ descriptor: 8, variable: '$f_password' }] : []),
  ];
  const start = `F_SHELL=$SHELL SHELL=/bin/sh; export F_SHELL SHELL\n${scriptText(wrapper, facts, inputs)}`;
  return {
    command: text,
    start: `${environment}${start}`,
    feed: '',
    pty: true,
    ...(spec.cwd !== undefined && elevation.kind === 'none' && { folder: spec.cwd }),
    ...(elevation.kind === 'password' && { password: elevation.password }),
  };
}

interface Input {
  descriptor: number;
  /** What the descriptor reads; no file holds it. */
  variable: string;
}

/**
 * Starts script(1). With inputs it is not the process itself: what writes them must not be a child of script, which
 * takes the end of any child for the end of its own.
 */
function scriptText(wrapper: string, facts: ShellKind, inputs: readonly Input[]): string {
  const program = `script -qfc ${quote(wrapper)} /dev/null`;
  if (inputs.length === 0) return `${execWord(facts)} ${program}`;
  if (facts.bash) {
    const reads = inputs.map(({ descriptor, variable }) => `${descriptor}< <(printf '%s\\n' "${variable}")`);
    return `eval ${quote(`{ ${program}; } ${reads.join(' ')}`)}`;
  }
  const reads = inputs.map(({ descriptor }) => `${descriptor}<<EOF${descriptor}`);
  const texts = inputs.map(({ descriptor, variable }) => `${variable}\nEOF${descriptor}\n`);
  return `${facts.setsid ? 'setsid ' : ''}${program} ${reads.join(' ')}\n${texts.join('')}`;
}

function whole(value: number): number {
  return Math.min(Math.max(Math.trunc(value) || 1, 1), 1000);
}
