import { ExpressionError } from './language.ts';
import { scalarText } from './quote.ts';
import { parseTemplate, soleExpression } from './template.ts';

/** How shell text of a tool takes values: as environment variables, or as quoted words where it takes none. */
export interface ShellArgument {
  /** First names of the argument's path. */
  names: readonly string[];
  environment: boolean;
}

const SHELLS = ['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'busybox'];
const LIKE_SHELL = ['cmd', 'command', 'commands', 'script'];
const WITH_ENVIRONMENT: Record<string, string> = {
  task_exec: 'cmd',
  task_exec_interactive: 'cmd',
  script_run: 'script',
  docker_exec: 'cmd',
};

/**
 * Which arguments of a tool a shell reads. A tool that nobody here knows is judged by the names of its arguments: a
 * value of a host that ends up in them must never be read as code.
 */
export function shellArgument(tool: string): ShellArgument {
  const own = WITH_ENVIRONMENT[tool];
  return own === undefined ? { names: LIKE_SHELL, environment: false } : { names: [own], environment: true };
}

/** Is the text at this path of the arguments read by a shell? A list of words for `docker_exec` is not. */
export function isShellText(tool: string, path: readonly string[], args: Record<string, unknown>): boolean {
  const { names } = shellArgument(tool);
  const [first = ''] = path;
  if (!names.includes(first)) return false;
  const words = tool === 'docker_exec' || tool === 'docker_run';
  return !(words && Array.isArray(args[first]));
}

/** Why the text cannot take values; undefined when it can. Expressions inside quotes are refused: see docs/pipelines.md. */
export function refuseShellText(
  tool: string,
  text: string,
  args: Record<string, unknown>,
): string | undefined {
  const parts = parseTemplate(text);
  if (!parts.some((part) => typeof part === 'object')) return undefined;
  if (soleExpression(parts))
    return 'a command cannot be one expression: write the command, and the value as a word of it';
  const interpreter =
    String(args['interpreter'] ?? 'sh')
      .split(/[ ]/)[0]
      ?.split('/')
      .pop() ?? '';
  if (tool === 'script_run' && !SHELLS.includes(interpreter))
    return `a script for ${interpreter} takes values by "env" only: it would read them as code`;
  const { environment } = shellArgument(tool);
  let before = '';
  for (const part of parts) {
    if (typeof part === 'string') before += part;
    else {
      const why = notBare(before, environment);
      if (why !== undefined) return `${JSON.stringify(part.text.slice(0, 60))} ${why}`;
      before += 'x';
    }
  }
  return undefined;
}

/** A place where the shell reads a word as it is: outside quotes, comments, here-documents and substitutions. */
function notBare(text: string, environment: boolean): string | undefined {
  // What a variable holds is safe inside a substitution, too; a quoted word is not when quotes are counted wrongly.
  if (/<<|\$'|\$"/.test(text) || (!environment && /`|\$\(|\$\{/.test(text)))
    return 'stands behind a here-document or a substitution: give it to "env" and use the variable';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quote === "'") quote = char === "'" ? '' : quote;
    else if (char === '\\') at += 1;
    else if (quote === '"') quote = char === '"' ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '#' && /^$|[\s;&|(]$/.test(text.slice(0, at)) && !text.includes('\n', at))
      return 'stands in a comment';
  }
  if (quote !== '') return 'stands inside quotes: close them before it, the value is one word by itself';
  return /\\$/.test(text) ? 'stands behind a backslash' : undefined;
}

/** Names variables for values; what a variable holds is never read as code (POSIX.1 2.6: no expansion of the result). */
export class Variables {
  readonly env: Record<string, string> = {};
  #count = 0;

  words(value: unknown): string {
    if (Array.isArray(value)) return value.map((one) => this.words(one)).join(' ');
    const text = scalarText(value);
    if (text === undefined)
      throw new ExpressionError('a command takes text, numbers, truth values and lists of them');
    if (text.includes('\0')) throw new ExpressionError('a NUL character cannot be part of a command');
    this.#count += 1;
    const name = `PIPELINE_VALUE_${this.#count}`;
    this.env[name] = text;
    return `"\${${name}}"`;
  }
}
