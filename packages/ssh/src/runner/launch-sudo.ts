import type { CommandSpec } from '@flotilla/core';
import type { ShellKind } from '../channel/fast-channel.ts';
import { echoEscaped, feedScript } from '../channel/feed.ts';
import { quote } from '../quote.ts';
import type { Elevation } from './elevation.ts';
import { checkedInterpreter, commandText, environmentText, execWord, type Launch } from './launch-parts.ts';

/** sudo cleans the environment: the run's mark, by which a cancel finds its processes, goes along as an argument. */
export const KEEP_MARK = 'FLOTILLA_RUN=$1; export FLOTILLA_RUN; shift\n';
const MARKED_SHELL = (text: string): string => `sh -c ${text} sh "$FLOTILLA_RUN"`;

/** No password is asked for: found out without giving one, and without using up standard input. */
const NEEDS_NONE = 'sudo -k -n true </dev/null 2>/dev/null';

/**
 * Shell text that runs the text in `$1` as root. A password comes first on standard input and only our own outermost sudo
 * reads it; where sudo turns out not to need it, that text has to drop what is left of standard input.
 */
export function sudoText(elevation: Elevation, exec: string): string {
  const program = MARKED_SHELL('"$1"');
  if (elevation.kind !== 'password') return `${exec} sudo -n -- ${program}`;
  return `if ${NEEDS_NONE}; then ${exec} sudo -n -- ${program}; else ${exec} sudo -k -S -p '' -- ${program}; fi`;
}

/**
 * Root with a standard input, a secret text or an interpreter: everything goes through sudo's standard input, as
 * [password] token, environment, text, input. The reader skips up to the token, so a password that sudo did not want
 * never reaches the command. The password is tried alone first: a wrong one must not make sudo read on.
 */
export function sudoStreamLaunch(
  spec: CommandSpec,
  facts: ShellKind,
  elevation: Elevation,
  token: string,
): Launch {
  const run =
    spec.interpreter === undefined
      ? 'eval "$s"'
      : `exec ${checkedInterpreter(spec.interpreter)} ${facts.descriptors}/4 4<<EOF\n$s\nEOF\n`;
  const reader = `${KEEP_MARK}IFS= read -r l; [ "$l" = ${token} ] || IFS= read -r l
IFS= read -r e; e=$(printf '%b.' "$e"); IFS= read -r s; s=$(printf '%b.' "$s"); s=\${s%.}
eval "\${e%.}"; unset l e
${run}`;
  const lines = [token, echoEscaped(environmentText(spec)), echoEscaped(commandText(spec.command))];
  const checks: string[] = [];
  if (elevation.kind === 'password') {
    lines.unshift(elevation.password);
    const once = feedScript(`${elevation.password}\n`);
    checks.push(`${NEEDS_NONE} || ${once} | sudo -k -S -p '' -v || exit 1`);
  }
  const input = feedScript(spec.stdin);
  const feed = [feedScript(`${lines.join('\n')}\n`), input].filter((part) => part !== '').join('; ');
  const start = [...checks, sudoText(elevation, execWord(facts))].join('\n');
  return { command: reader, start, feed: `{ ${feed}; }` };
}

/** `sudo` inside a terminal: the password comes from descriptor 8, the command reads the terminal. */
export function sudoTerminalText(elevation: Elevation, inner: string): string {
  const plain = `sudo -n -- ${MARKED_SHELL(quote(`${KEEP_MARK}${inner}`))}`;
  if (elevation.kind !== 'password') return `exec ${plain}`;
  const fromTerminal = MARKED_SHELL(quote(`exec <&1\n${KEEP_MARK}${inner}`));
  return `if ${NEEDS_NONE}; then exec ${plain} 8<&-; else exec sudo -k -S -p '' -- ${fromTerminal} <&8 8<&-; fi`;
}
