import { defineTool, FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { AlertRule, CLEAR_ANNOTATION, checkRule, PromDuration, Severity } from '../lib/alerts/rule.ts';
import { readRuleFile } from '../lib/alerts/rule-file.ts';

export const alertRuleAdd = defineTool({
  name: 'alert_rule_add',
  title: 'Add alert rules',
  description:
    'Adds or replaces an alert rule in the words of Prometheus, or all alerting rules of a rule file (yaml). ' +
    'expr is PromQL over node_exporter names with the host as label instance, e.g. up == 0, or 100 * node_filesystem_avail_bytes / node_filesystem_size_bytes < 10; also flotilla:disk_full_days and probe_success{check="shop"}. ' +
    'A built-in rule is changed under its own name; enabled: false switches one off. dryRun checks without saving.',
  effect: { max: 'write', of: ({ dryRun }) => (dryRun ? 'read' : 'write') },
  openWorld: false,
  input: z.object({
    alert: z.string().max(64).optional().describe('Name, e.g. DiskFull; required unless yaml is given'),
    expr: z
      .string()
      .max(4_000)
      .optional()
      .describe('What is wrong, one element per thing; absent: that of the rule of this name'),
    for: PromDuration.optional().describe('How long it must hold before it fires, e.g. 5m; default 0s'),
    keep_firing_for: PromDuration.optional().describe(
      'How long it still fires after it last held; default 0s',
    ),
    clear_expr: z
      .string()
      .max(4_000)
      .optional()
      .describe('Hysteresis: a firing alert ends only when this holds for its labels, e.g. … > 15'),
    severity: Severity.optional().describe('Default warning'),
    summary: z
      .string()
      .max(1_000)
      .optional()
      .describe('One line; may hold {{ $labels.instance }} and {{ $value }}'),
    description: z.string().max(4_000).optional().describe('Longer words; may hold the same'),
    runbook_url: z.string().max(1_000).optional().describe('Where it says what to do'),
    labels: z.record(z.string(), z.string()).optional().describe('Further labels'),
    group: z.string().min(1).max(200).optional().describe('Group of the rule file; default custom'),
    enabled: z.boolean().default(true).describe('Evaluate it; default true'),
    yaml: z
      .string()
      .max(512 * 1024)
      .optional()
      .describe('A whole rule file instead of one rule'),
    dryRun: z.boolean().default(false).describe('Only check'),
  }),
  output: z.object({
    saved: z.boolean(),
    rules: z.array(
      z.object({
        alert: z.string(),
        group: z.string(),
        enabled: z.boolean(),
        change: z.enum(['added', 'replaced']),
        expr: z.string(),
      }),
    ),
  }),
  run: async (context, input) => {
    const { rules } = await context.use(alertCentre);
    const known = new Map(rules.list().map((stored) => [stored.rule.alert, stored]));
    const wanted =
      input.yaml === undefined ? [oneRule(input, known.get(input.alert ?? ''))] : readRuleFile(input.yaml);
    for (const { rule } of wanted) checkRule(rule);
    const all = wanted.map((one) => ({ ...one, enabled: input.enabled }));
    if (!input.dryRun) await rules.save(all, Date.now());
    return {
      saved: !input.dryRun,
      rules: all.map(({ group, rule: { alert, expr }, enabled }) => ({
        ...{ alert, group, enabled, expr },
        change: known.has(alert) ? ('replaced' as const) : ('added' as const),
      })),
    };
  },
  text: ({ saved, rules }) =>
    [
      `${saved ? 'Saved' : 'Would save'} ${rules.length} alert rule${rules.length === 1 ? '' : 's'}:`,
      ...rules
        .slice(0, 100)
        .map(
          ({ alert, group, change, expr, enabled }) =>
            `${alert} (${group}) ${change}${enabled ? '' : ', off'}: ${expr}`,
        ),
      ...(rules.length > 100 ? [`… and ${rules.length - 100} more`] : []),
    ].join('\n'),
});

interface One {
  alert?: string | undefined;
  expr?: string | undefined;
  for?: string | undefined;
  keep_firing_for?: string | undefined;
  clear_expr?: string | undefined;
  severity?: Severity | undefined;
  summary?: string | undefined;
  description?: string | undefined;
  runbook_url?: string | undefined;
  labels?: Record<string, string> | undefined;
  group?: string | undefined;
}

/** What is not said stays as it was. */
function oneRule(
  input: One,
  old: { group: string; rule: AlertRule } | undefined,
): { group: string; rule: AlertRule } {
  const expr = input.expr ?? old?.rule.expr;
  if (input.alert === undefined || expr === undefined)
    throw new FlotillaError('INVALID_INPUT', 'A rule needs alert and expr.', {
      hint: 'Give alert and expr, or a rule file in yaml. alert_rule_list shows the rules there are.',
    });
  const { summary, description, runbook_url, clear_expr, severity } = input;
  const given = { summary, description, runbook_url, [CLEAR_ANNOTATION]: clear_expr };
  const annotations = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const parsed = AlertRule.safeParse({
    alert: input.alert,
    expr,
    for: input.for ?? old?.rule.for,
    keep_firing_for: input.keep_firing_for ?? old?.rule.keep_firing_for,
    labels: { severity: 'warning', ...old?.rule.labels, ...input.labels, ...(severity && { severity }) },
    annotations: { ...old?.rule.annotations, ...annotations },
  });
  if (parsed.success) return { group: input.group ?? old?.group ?? 'custom', rule: parsed.data };
  const [issue] = parsed.error.issues;
  throw new FlotillaError('INVALID_INPUT', `${issue?.path.join('.')}: ${issue?.message}`);
}
