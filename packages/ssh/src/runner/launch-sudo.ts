import type { CommandSpec } from '@flotilla/core';
import type { ShellKind } from '../channel/fast-channel.ts';
import { echoEscaped, feedScript } from '../channel/feed.ts';
import { quote } from '../quote.ts';
import type { Elevation } from './elevation.ts';
import { checkedInterpreter, commandText, environmentText, execWord, type Launch } from './launch-parts.ts';

/** No password is asked for: found out without giving one, and without using up standard input. */
const NEEDS_NONE = 'sudo -k -n true </dev/null 2>/dev/null';

/**
 * Shell text that runs `program` as root. A password comes first on standard input and only our own outermost sudo
 * reads it; where sudo turns out not to need it, `program` has to drop what is left of standard input.
 */
export function sudoText(elevation: Elevation, exec: string, program: string): string {
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
  const reader = `IFS= read -r l; [ "$l" = ${token} ] || IFS= read -r l
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
  const start = [...checks, sudoText(elevation, execWord(facts), 'sh -c "$1"')].join('\n');
  return { command: reader, start, feed: `{ ${feed}; }` };
}

/** `sudo` inside a terminal: the password comes from descriptor 8, the command reads the terminal. */
export function sudoTerminalText(elevation: Elevation, inner: string): string {
  if (elevation.kind !== 'password') return `exec sudo -n -- sh -c ${quote(inner)}`;
  const fromTerminal = quote(`exec <&1\n${inner}`);
  return `if ${NEEDS_NONE}; then exec sudo -n -- sh -c ${quote(inner)} 8<&-; else exec sudo -k -S -p '' -- sh -c ${fromTerminal} <&8 8<&-; fi`;
}
