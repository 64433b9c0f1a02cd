import { type CommandSpec, FlotillaError } from '@flotilla/core';
import type { ShellKind } from '../channel/fast-channel.ts';
import { quote } from '../quote.ts';

/** The variables that one run is started from; see the functions of the channel. */
export interface Launch {
  /** `$1` of `start`. */
  command: string;
  /** Evaluated in the command's own process; ends in an `exec`. */
  start: string;
  /** Evaluated; its output becomes the command's standard input. '' = none. */
  feed: string;
  /** Has to be there, or the command is refused. Not for sudo: only root may be able to tell. */
  folder?: string;
  /** A sudo password for the terminal's launcher; never in argv, environment or files. */
  password?: string;
  /** Runs under script(1). */
  pty?: boolean;
}

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that a shell keeps for itself or that our functions use: a command cannot be given them. */
const SHELL_NAME =
  /^(?:f_.*|F_SHELL|BASH.*|IFS|UID|EUID|PPID|SHELLOPTS|FUNCNAME|RANDOM|SECONDS|LINENO|EPOCH.*|_)$/;
const INTERPRETER = /^[A-Za-z0-9_./+-]+(?: [A-Za-z0-9_./+=:,-]+)*$/;

/** Shell lines that set the command's environment and folder; '' for neither. */
export function environmentText(spec: Pick<CommandSpec, 'env' | 'cwd'>): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!ENV_NAME.test(name) || SHELL_NAME.test(name)) {
      throw invalid(`env: "${name}" cannot be set.`);
    }
    lines.push(`export ${name}=${quote(withoutNul(value))}\n`);
  }
  if (spec.cwd !== undefined) lines.push(`cd -- ${quote(withoutNul(spec.cwd))} || exit 1\n`);
  return lines.join('');
}

/** `sh -c` would take a leading dash or plus for an option. */
export function commandText(command: string): string {
  const text = withoutNul(command);
  return /^[-+]/.test(text) ? ` ${text}` : text;
}

export function checkedInterpreter(program: string): string {
  if (!INTERPRETER.test(program)) {
    throw invalid('interpreter: a program and its options, separated by single spaces.');
  }
  return program;
}

function withoutNul(text: string): string {
  if (text.includes('\0')) throw invalid('A NUL character cannot be part of a command or its environment.');
  return text;
}

function invalid(message: string): FlotillaError {
  return new FlotillaError('INVALID_INPUT', message, { details: { sent: false } });
}

/** Replaces the process; in a session of its own where the shell gave it no process group. */
export function execWord(facts: ShellKind): string {
  return facts.setsid && !facts.bash ? 'exec setsid' : 'exec';
}

export function unsupportedMix(what: string): FlotillaError {
  return new FlotillaError('UNSUPPORTED', `${what} cannot be combined.`, { details: { sent: false } });
}
