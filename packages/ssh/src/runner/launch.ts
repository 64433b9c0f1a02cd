import { type CommandSpec, FlotillaError } from '@flotilla/core';
import type { HelloFacts } from '../channel/fast-channel.ts';
import { feedText } from '../channel/feed.ts';
import { quote } from '../quote.ts';

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that a shell keeps for itself, or that our own functions use: set by env(1) instead of `export`. */
const SHELL_NAME = /^(?:f_.*|BASH.*|IFS|UID|EUID|PPID|SHELLOPTS|RANDOM|SECONDS|LINENO|EPOCH.*|SHLVL|_)$/;
const INTERPRETER = /^[A-Za-z0-9_./+-]+(?: [A-Za-z0-9_./+=:,-]+)*$/;

/**
 * Shell text that sets `f_C` (the command), `f_I` (its input) and `f_V` (how it is started, evaluated in its own
 * process with the command as `$1`) for one run.
 */
export function launchText(spec: CommandSpec, facts: HelloFacts): string {
  const start = facts.setsid && !facts.bash ? 'exec setsid' : 'exec';
  const steps: string[] = [];
  const early: string[] = [];
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!ENV_NAME.test(name)) throw invalid(`"${name}" is not the name of an environment variable.`);
    if (SHELL_NAME.test(name)) early.push(quote(`${name}=${noNul(value)}`));
    else steps.push(`export ${name}=${quote(noNul(value))}`);
  }
  if (spec.cwd !== undefined) steps.push(`cd -- ${quote(noNul(spec.cwd))} || exit 1`);
  const prefix = early.length > 0 ? `${start} env ${early.join(' ')}` : start;
  return [
    `f_C=${quote(commandText(noNul(spec.command)))}`,
    `f_I=${feedText(spec.stdin)}`,
    `f_V=${quote([...steps, programText(spec, facts, prefix)].join('\n'))}`,
  ].join('\n');
}

function programText(spec: CommandSpec, facts: HelloFacts, start: string): string {
  if (spec.interpreter === undefined && spec.secret !== true) return `${start} sh -c "$1"`;
  const program = spec.interpreter ?? 'sh';
  if (!INTERPRETER.test(program)) {
    throw invalid('interpreter: a program and its options, separated by single spaces.');
  }
  // As a descriptor: no quoting, no file, nothing in the list of processes.
  if (facts.bash) return `eval ${quote(`${start} ${program} /dev/fd/4 4< <(printf '%s\\n' "$1")`)}`;
  return `${start} ${program} /dev/fd/4 4<<EOF\n$1\nEOF\n`;
}

/** `sh -c` would take a leading dash or plus for an option. */
function commandText(command: string): string {
  return /^[-+]/.test(command) ? ` ${command}` : command;
}

function noNul(text: string): string {
  if (text.includes('\0')) throw invalid('A NUL character cannot be part of a command or its environment.');
  return text;
}

function invalid(message: string): FlotillaError {
  return new FlotillaError('INVALID_INPUT', message);
}
