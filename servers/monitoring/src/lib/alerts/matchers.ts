import { FlotillaError } from '@flotilla/core';
import { type Matcher, type MatchOp, patternTest } from '@flotilla/metrics';
import type { Labels } from './promql/ast.ts';
import { matches } from './promql/source.ts';

const MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]{0,62})\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/s;

/** A matcher as Alertmanager writes it: `alertname="HostDown"`, `instance=~"web.*"`. INVALID_INPUT. */
export function parseMatcher(text: string): Matcher {
  const [, label, op, quoted, bare = ''] = MATCHER.exec(text) ?? [];
  const value =
    quoted === undefined ? bare : quoted.replace(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c));
  if (label === undefined || op === undefined || (op.endsWith('~') && !patternTest(value)))
    throw new FlotillaError(
      'INVALID_INPUT',
      `${JSON.stringify(text.slice(0, 100))} is no matcher of labels.`,
      {
        hint: 'Write alertname="HostDown", instance=~"web.*", severity!="info" and the like.',
      },
    );
  return { label, op: op as MatchOp, value };
}

export const formatMatcher = ({ label, op, value }: Matcher): string =>
  `${label}${op}${JSON.stringify(value)}`;

/** All of them match; a label that is absent counts as empty. */
export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every((one) => matches(one, labels[one.label] ?? ''));
