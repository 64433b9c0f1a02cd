import { randomBytes } from 'node:crypto';
import type { CommandSpec } from '@flotilla/core';
import type { ShellKind } from '../channel/fast-channel.ts';
import { feedScript } from '../channel/feed.ts';
import { quote } from '../quote.ts';
import type { Elevation } from './elevation.ts';
import { checkedInterpreter, commandText, environmentText, execWord, type Launch } from './launch-parts.ts';
import { ptyLaunch } from './launch-pty.ts';
import { KEEP_MARK, sudoStreamLaunch, sudoText } from './launch-sudo.ts';

/** Linux takes no single argument of 128 KiB: longer commands come through a descriptor. */
const MAX_ARGUMENT_BYTES = 100_000;

const isLong = (spec: CommandSpec): boolean => Buffer.byteLength(spec.command) > MAX_ARGUMENT_BYTES;

/** How a command is started on this host. INVALID_INPUT for names and texts that no shell can hold. */
export function planLaunch(spec: CommandSpec, facts: ShellKind, elevation: Elevation): Launch {
  if (spec.pty !== undefined) return ptyLaunch(spec, facts, elevation);
  const exec = execWord(facts);
  const environment = environmentText(spec);
  if (elevation.kind === 'none') {
    const command = commandText(spec.command);
    const feed = feedScript(spec.stdin);
    const start = `${environment}${programText(spec, facts, exec)}`;
    return { command, start, feed, ...(spec.cwd !== undefined && { folder: spec.cwd }) };
  }
  const hasStdin = (spec.stdin?.length ?? 0) > 0;
  if (spec.secret === true || spec.interpreter !== undefined || hasStdin || isLong(spec)) {
    return sudoStreamLaunch(spec, facts, elevation, randomBytes(16).toString('hex'));
  }
  const inner = `${KEEP_MARK}exec </dev/null\n${environment}exec sh -c ${quote(commandText(spec.command))}`;
  const feed = elevation.kind === 'password' ? feedScript(`${elevation.password}\n`) : '';
  return { command: inner, start: sudoText(elevation, exec), feed };
}

/** The assignments that hand a launch to the channel's functions. */
export function launchText(launch: Launch): string {
  return [
    `f_command=${quote(launch.command)}`,
    `f_launch=${quote(launch.start)}`,
    `f_feed=${quote(launch.feed)}`,
    `f_password=${quote(launch.password ?? '')}`,
    `f_folder=${quote(launch.folder ?? '')}`,
    `f_terminal=${launch.pty === true ? '1' : ''}`,
  ].join('\n');
}

function programText(spec: CommandSpec, facts: ShellKind, exec: string): string {
  if (spec.interpreter === undefined && spec.secret !== true && !isLong(spec)) return `${exec} sh -c "$1"`;
  const program = checkedInterpreter(spec.interpreter ?? 'sh');
  // The script comes through a descriptor: no quoting, no file, nothing in the list of processes.
  if (facts.bash)
    return `eval ${quote(`${exec} ${program} ${facts.descriptors}/4 4< <(printf '%s\\n' "$1")`)}`;
  return `${exec} ${program} ${facts.descriptors}/4 4<<EOF\n$1\nEOF\n`;
}
