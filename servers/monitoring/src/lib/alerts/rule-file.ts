import { FlotillaError } from '@flotilla/core';
import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { AlertRule, checkRule, type StoredRule } from './rule.ts';

const MAX_BYTES = 512 * 1024;
const MAX_RULES = 500;

/** Values of labels may be written without quotes in YAML. */
const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const RuleFile = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        interval: z.string().optional(),
        limit: z.number().optional(),
        rules: z.array(
          z.object({
            alert: z.string().optional(),
            record: z.string().optional(),
            expr: Scalar,
            for: z.string().optional(),
            keep_firing_for: z.string().optional(),
            labels: z.record(z.string(), Scalar).optional(),
            annotations: z.record(z.string(), Scalar).optional(),
          }),
        ),
      }),
    )
    .max(100),
});

/** The alerting rules of a Prometheus rule file. INVALID_INPUT names the first thing that is wrong, with its place. */
export function readRuleFile(text: string): { group: string; rule: AlertRule }[] {
  if (Buffer.byteLength(text) > MAX_BYTES) throw wrong(`is larger than ${MAX_BYTES / 1024} KiB`);
  const document = parseDocument(text, { maxAliasCount: 100 } as never);
  const [error] = document.errors;
  if (error) throw wrong('is no YAML', { near: error.message.slice(0, 300) });
  const parsed = RuleFile.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) throw wrong('is no rule file', { issues: issuesOf(parsed.error) });
  const rules = parsed.data.groups.flatMap(({ name, rules: own }) =>
    own.map((rule) => ({ group: name, rule })),
  );
  if (rules.length > MAX_RULES) throw wrong(`has more than ${MAX_RULES} rules`);
  return rules.map(({ group, rule }) => ({ group, rule: readRule(group, rule) }));
}

function readRule(
  group: string,
  { record, ...given }: { record?: string | undefined; alert?: string | undefined },
): AlertRule {
  if (record !== undefined)
    throw wrong('has a recording rule; only alerting rules can be imported', { group, record });
  const parsed = AlertRule.safeParse(given);
  if (!parsed.success)
    throw wrong('has a wrong rule', { group, alert: given.alert ?? '', issues: issuesOf(parsed.error) });
  try {
    checkRule(parsed.data);
  } catch (error) {
    if (!(error instanceof FlotillaError)) throw error;
    throw new FlotillaError('INVALID_INPUT', `${parsed.data.alert}: ${error.message}`, {
      details: { group, alert: parsed.data.alert, ...error.details },
      hint: error.hint,
    });
  }
  return parsed.data;
}

/** A rule file as `promtool check rules` accepts it; disabled rules are left out. */
export function writeRuleFile(rules: readonly StoredRule[]): string {
  const groups = Map.groupBy(
    rules.filter(({ enabled }) => enabled),
    ({ group }) => group,
  );
  return stringify(
    { groups: [...groups].map(([name, own]) => ({ name, rules: own.map(({ rule }) => compact(rule)) })) },
    { lineWidth: 110 },
  );
}

function compact(rule: AlertRule): Partial<AlertRule> {
  const { alert, expr, labels, annotations } = rule;
  return {
    alert,
    expr,
    ...(rule.for !== '0s' && { for: rule.for }),
    ...(rule.keep_firing_for !== '0s' && { keep_firing_for: rule.keep_firing_for }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

const issuesOf = (error: z.ZodError): string[] =>
  error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);

const wrong = (what: string, details: Record<string, unknown> = {}): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `The rule file ${what}.`, {
    details,
    hint: 'It is a Prometheus rule file: groups[].name, groups[].rules[].{alert, expr, for, keep_firing_for, labels, annotations}.',
  });
