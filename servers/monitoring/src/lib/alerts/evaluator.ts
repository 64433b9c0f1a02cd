import type { Logger } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { advance, differs } from './advance.ts';
import type { Alert } from './alert.ts';
import type { AlertStore } from './alert-store.ts';
import { callsOf, type Expr, selectorsOf } from './promql/ast.ts';
import { evaluate } from './promql/evaluate.ts';
import { parsePromql } from './promql/parse.ts';
import { type ComputedSeries, metricsSource, type SeriesSource } from './promql/source.ts';
import { CLEAR_ANNOTATION, type StoredRule } from './rule.ts';
import type { RuleStore } from './rule-store.ts';

export interface EvaluatorParts {
  metrics: Pick<Metrics, 'instant' | 'points'>;
  rules: Pick<RuleStore, 'list'>;
  alerts: AlertStore;
  /** Aliases of the hosts there are. */
  hosts(): readonly string[];
  computed?: ComputedSeries;
  /** Longer silences between two evaluations do not count as time in which a rule held. */
  maxGapMs: number;
  log: Pick<Logger, 'warn'>;
}

export interface Evaluator {
  /** Evaluates every rule at a moment (epoch milliseconds); resolves with the alerts that began to fire. */
  tick(now: number): Promise<Alert[]>;
}

/** Turns values into alerts. All state is in the store: another process goes on where this one was. */
export function createEvaluator(parts: EvaluatorParts): Evaluator {
  const { metrics, alerts, log } = parts;
  const parsed = new Map<string, Expr>();
  const parse = (text: string): Expr => {
    const known = parsed.get(text) ?? parsePromql(text);
    if (parsed.size > 2_000) parsed.clear();
    parsed.set(text, known);
    return known;
  };

  return {
    async tick(now) {
      const hosts = parts.hosts();
      const source = metricsSource(metrics, { hosts, ...(parts.computed && { computed: parts.computed }) });
      const before = alerts.all().filter((alert) => alert.source === 'rule');
      const byRule = Map.groupBy(before, ({ rule }) => rule);
      const isDark = await darkHosts(source, hosts, now);
      const after: Alert[] = [];
      const rules = parts.rules.list().filter(({ enabled }) => enabled);
      for (const stored of rules) {
        const own = byRule.get(stored.rule.alert) ?? [];
        try {
          after.push(
            ...(await evaluateRule(stored, own, { source, isDark, now, parse, maxGapMs: parts.maxGapMs })),
          );
        } catch (error) {
          log.warn({ err: error, rule: stored.rule.alert }, 'an alert rule could not be evaluated');
          after.push(...own);
        }
      }
      const names = new Set(rules.map(({ rule }) => rule.alert));
      after.push(...before.filter(({ rule }) => !names.has(rule)).flatMap((alert) => ended(alert, now)));
      return save(alerts, before, after, now);
    },
  };
}

async function evaluateRule(
  { rule }: StoredRule,
  before: readonly Alert[],
  context: {
    source: SeriesSource;
    isDark(host: string): boolean;
    now: number;
    parse(text: string): Expr;
    maxGapMs: number;
  },
): Promise<Alert[]> {
  const { source, now, parse, maxGapMs, isDark } = context;
  const expr = parse(rule.expr);
  const clear = rule.annotations[CLEAR_ANNOTATION];
  const elements = await evaluate(expr, source, now);
  const cleared = clear === undefined ? undefined : await evaluate(parse(clear), source, now);
  const judgesAbsence =
    callsOf(expr).includes('absent') || selectorsOf(expr).some(({ name }) => name === 'up');
  return advance(before, {
    rule,
    elements,
    cleared: cleared?.map(({ labels }) => labels),
    dark: ({ labels }) => !judgesAbsence && labels['instance'] !== undefined && isDark(labels['instance']),
    now,
    maxGapMs,
  });
}

/** Hosts that are registered and gave no sample: what was true of them is neither true nor false now. */
async function darkHosts(
  source: SeriesSource,
  hosts: readonly string[],
  now: number,
): Promise<(host: string) => boolean> {
  const up = await source.instant({ kind: 'selector', name: 'up', matchers: [], offsetMs: 0 }, now);
  const answering = new Set(up.filter(({ value }) => value === 1).map(({ labels }) => labels['instance']));
  const known = new Set(hosts);
  return (host) => known.has(host) && !answering.has(host);
}

/** Of a rule that was removed or switched off. */
const ended = (alert: Alert, now: number): Alert[] =>
  alert.state === 'pending'
    ? []
    : [alert.state === 'resolved' ? alert : { ...alert, state: 'resolved', resolvedAt: now }];

async function save(alerts: AlertStore, before: Alert[], after: Alert[], now: number): Promise<Alert[]> {
  const old = new Map(before.map((alert) => [alert.fingerprint, alert]));
  const changed = after.filter((alert) => differs(old.get(alert.fingerprint), alert));
  const kept = new Set(after.map(({ fingerprint }) => fingerprint));
  const removed = [...old.keys()].filter((fingerprint) => !kept.has(fingerprint));
  if (changed.length + removed.length > 0) await alerts.save(changed, removed, now);
  return changed.filter(({ state, firedAt }) => state === 'firing' && firedAt === now);
}
