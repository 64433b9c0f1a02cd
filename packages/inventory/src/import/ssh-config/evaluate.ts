import type { Directive } from './lex.ts';
import { matchLine } from './match-line.ts';
import { literalNames, matchesHostLine } from './patterns.ts';

/** What the config says of one name, as written: tokens and `~` are not expanded, but `%h` in HostName is. */
export interface Settings {
  hostname: string;
  port: number;
  user: string;
  identityFiles: string[];
  identityAgent?: string;
  /** Undefined when the connection is direct. */
  proxyJump?: string;
  proxyCommand?: string;
  /** `Match` criteria whose sections were left out, with their places. */
  skipped: { criterion: string; where: string }[];
}

export interface EvaluateOptions {
  localUser: string;
  /** Given with the name, e.g. in `user@host:port`; these win. */
  user?: string | undefined;
  port?: number | undefined;
}

interface Walk {
  name: string;
  options: EvaluateOptions;
  values: Map<string, string>;
  identityFiles: string[];
  skipped: Settings['skipped'];
}

const SINGLE = new Set(['hostname', 'port', 'user', 'identityagent']);

/** The settings of one name: for each keyword the first value in a section that fits. */
export function evaluate(directives: readonly Directive[], name: string, options: EvaluateOptions): Settings {
  const walk: Walk = { name, options, values: new Map(), identityFiles: [], skipped: [] };
  if (options.user !== undefined) walk.values.set('user', options.user);
  if (options.port !== undefined) walk.values.set('port', String(options.port));
  visit(walk, directives, true, true);
  const { values } = walk;
  const jump = values.get('proxyjump');
  const command = values.get('proxycommand');
  const agent = values.get('identityagent');
  return {
    hostname: hostNameOf(walk),
    port: Number(values.get('port') ?? 22),
    user: values.get('user') ?? options.localUser,
    identityFiles: walk.identityFiles,
    ...(agent !== undefined && { identityAgent: agent }),
    ...(!isNone(jump) && { proxyJump: jump }),
    ...(!isNone(command) && { proxyCommand: command }),
    skipped: walk.skipped,
  };
}

const isNone = (value: string | undefined): value is undefined =>
  value === undefined || value.toLowerCase() === 'none';

const hostNameOf = (walk: Walk): string =>
  (walk.values.get('hostname') ?? walk.name).replace(/%(.)/g, (token, letter: string) =>
    letter === 'h' ? walk.name : letter === '%' ? '%' : token,
  );

/** @param reachable false inside an Include of a section that does not fit: nothing in there can. */
function visit(walk: Walk, directives: readonly Directive[], inherited: boolean, reachable: boolean): void {
  let active = inherited;
  for (const directive of directives) {
    if (directive.keyword === 'host') active = reachable && matchesHostLine(walk.name, directive.args);
    else if (directive.keyword === 'match') active = reachable && matchSection(walk, directive);
    else if (directive.included) for (const lines of directive.included) visit(walk, lines, active, active);
    else if (active) take(walk, directive);
  }
}

function matchSection(walk: Walk, directive: Directive): boolean {
  const { matches, skipped } = matchLine(directive.args, {
    original: walk.name,
    host: hostNameOf(walk),
    user: walk.values.get('user') ?? walk.options.localUser,
    localUser: walk.options.localUser,
  });
  if (skipped) walk.skipped.push({ criterion: skipped, where: `${directive.file}:${directive.line}` });
  return matches;
}

function take(walk: Walk, { keyword, args }: Directive): void {
  const { values } = walk;
  const [first = ''] = args;
  if (keyword === 'identityfile') {
    if (!walk.identityFiles.includes(first)) walk.identityFiles.push(first);
  } else if (keyword === 'proxyjump') {
    if (!values.has('proxyjump') && !values.has('proxycommand')) values.set(keyword, first);
  } else if (keyword === 'proxycommand') {
    if (isNone(values.get('proxyjump')) && !values.has(keyword)) values.set(keyword, args.join(' '));
  } else if (SINGLE.has(keyword) && !values.has(keyword)) values.set(keyword, first);
}

/** Every name that a Host line spells out and that can reach that line, in order of appearance. */
export function namesIn(directives: readonly Directive[]): string[] {
  return [...new Set(reachableNames(directives, []))];
}

function reachableNames(directives: readonly Directive[], outer: readonly (readonly string[])[]): string[] {
  let around = outer;
  return directives.flatMap((directive) => {
    if (directive.keyword === 'match') around = outer;
    if (directive.keyword === 'host') {
      around = [...outer, directive.args];
      return literalNames(directive.args).filter((name) =>
        around.every((patterns) => matchesHostLine(name, patterns)),
      );
    }
    return (directive.included ?? []).flatMap((lines) => reachableNames(lines, around));
  });
}
