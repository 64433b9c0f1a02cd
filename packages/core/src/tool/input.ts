import type { z } from 'zod';
import { FlotillaError } from '../errors.ts';
import { visibleControls } from '../text/visible.ts';
import type { AnyTool } from './define-tool.ts';

const MAX_DEPTH = 64;
const MAX_ISSUES = 5;

const shorten = (text: string) => visibleControls(text.length > 80 ? `${text.slice(0, 80)}…` : text);
const invalid = (message: string, hint?: string) =>
  new FlotillaError('INVALID_INPUT', message, hint === undefined ? {} : { hint });

/** Refuses what no tool wants: NUL, broken UTF-16, nesting that could exhaust the stack, `__proto__`. */
function checkValue(value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw invalid(
        `${shorten(path)} contains a NUL character.`,
        'No argument takes one. Binary content goes with file_write (base64) or task_transfer.',
      );
    if (!value.isWellFormed()) throw invalid(`${shorten(path)} is not well-formed Unicode.`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(`The arguments are nested more than ${MAX_DEPTH} deep.`);
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') throw invalid('`__proto__` is not an argument.');
    checkValue(key, 'a key of the arguments', depth);
    checkValue(member, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

/** zod's words without its prefixes; what is missing is called missing. */
function plain(message: string): string {
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(message)?.[1];
  return missing === undefined
    ? message.replace(/^Invalid (?:input|option): /, '')
    : `missing, expected ${missing}`;
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return `${path}: unknown ${issue.keys.map((key) => JSON.stringify(shorten(key))).join(', ')}`;
  const message = issue.code === 'invalid_union' ? unionMessage(issue) : plain(issue.message);
  return path === '' ? message : `${shorten(path)}: ${message}`;
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const messages = issue.errors.flatMap((branch) => branch.slice(0, 1)).map((first) => describe(first));
  return messages.length === 0 ? issue.message : [...new Set(messages)].join(' or ');
}

function unknownArguments(tool: AnyTool, keys: readonly string[]): FlotillaError {
  const allowed = Object.keys(tool.input.shape);
  const names = keys
    .slice(0, MAX_ISSUES)
    .map((key) => JSON.stringify(shorten(key)))
    .join(', ');
  const takes = allowed.length === 0 ? 'It takes none.' : `It takes: ${allowed.join(', ')}.`;
  return new FlotillaError(
    'INVALID_INPUT',
    `Unknown argument${keys.length > 1 ? 's' : ''} ${names} for ${tool.name}. ${takes}`,
    { details: { unknown: keys.slice(0, MAX_ISSUES).map(shorten), allowed } },
  );
}

/** The validated input with its defaults. Throws INVALID_INPUT that names the argument, never its value. */
export function parseInput(tool: AnyTool, args: unknown): Record<string, unknown> {
  const given = args ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('The arguments must be an object.');
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(tool.input.shape, key));
  if (unknown.length > 0) throw unknownArguments(tool, unknown);
  checkValue(given, '', 0);
  const parsed = tool.input.safeParse(given);
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const { issues } = parsed.error;
  const shown = issues.slice(0, MAX_ISSUES).map(describe);
  const rest = issues.length > MAX_ISSUES ? ` (and ${issues.length - MAX_ISSUES} more)` : '';
  throw new FlotillaError('INVALID_INPUT', `${tool.name}: ${shown.join('; ')}${rest}`, {
    details: { issues: shown },
  });
}
