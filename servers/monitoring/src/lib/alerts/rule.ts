import { z } from 'zod';
import { DURATION, parseDuration } from './promql/duration.ts';
import { parsePromql } from './promql/parse.ts';
import { checkTemplate } from './template.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/;
const MAX_ENTRIES = 20;

export const Severity = z.enum(['info', 'warning', 'critical']);
export type Severity = z.infer<typeof Severity>;

export const PromDuration = z
  .string()
  .max(30)
  .regex(DURATION, 'a duration as Prometheus writes it: 30s, 5m, 1h30m, 7d');

const entries = (maxValue: number) =>
  z
    .record(z.string().regex(LABEL_NAME), z.string().max(maxValue))
    .refine((record) => Object.keys(record).length <= MAX_ENTRIES, `at most ${MAX_ENTRIES} entries`);

/** The annotation that holds the expression of hysteresis: Prometheus allows any annotation, no further field. */
export const CLEAR_ANNOTATION = 'flotilla_clear_expr';

/** An alerting rule in the words of Prometheus. */
export const AlertRule = z.object({
  alert: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/, 'letters, digits and underscore, at most 63'),
  expr: z.string().min(1).max(4_000),
  for: PromDuration.default('0s'),
  keep_firing_for: PromDuration.default('0s'),
  labels: entries(200).default({}),
  annotations: entries(4_000).default({}),
});
export type AlertRule = z.infer<typeof AlertRule>;

/** A rule as it is kept: with its group, and whether it is evaluated. */
export interface StoredRule {
  group: string;
  rule: AlertRule;
  enabled: boolean;
  /** It came with the server; a stored one of the same name replaces it. */
  builtIn: boolean;
}

/** INVALID_INPUT when expression, durations or templates are not what we evaluate. */
export function checkRule(rule: AlertRule): void {
  parsePromql(rule.expr);
  const clear = rule.annotations[CLEAR_ANNOTATION];
  if (clear !== undefined) parsePromql(clear);
  parseDuration(rule.for);
  parseDuration(rule.keep_firing_for);
  for (const text of [...Object.values(rule.labels), ...Object.values(withoutClear(rule.annotations))])
    checkTemplate(text);
}

export function withoutClear(annotations: AlertRule['annotations']): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== CLEAR_ANNOTATION));
}

export const severityOf = (labels: Readonly<Record<string, string>>): Severity =>
  Severity.safeParse(labels['severity']).data ?? 'warning';

export const SEVERITY_ORDER: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
