import { defineTool, isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre, knownHosts } from '../lib/alerts/centre.ts';
import { evaluate } from '../lib/alerts/promql/evaluate.ts';
import { parsePromql } from '../lib/alerts/promql/parse.ts';
import { metricsSource } from '../lib/alerts/promql/source.ts';
import { CLEAR_ANNOTATION, Severity, severityOf, withoutClear } from '../lib/alerts/rule.ts';
import { counted } from '../lib/host/words.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';

const Rule = z.object({
  alert: z.string(),
  group: z.string(),
  enabled: z.boolean(),
  builtIn: z.boolean(),
  severity: Severity,
  expr: z.string(),
  for: z.string(),
  keep_firing_for: z.string(),
  clear_expr: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  holdsFor: z.number().int().optional().describe('Things for which the expression holds right now'),
  problem: z.string().optional().describe('Why the expression cannot be evaluated'),
});

export const alertRuleList = defineTool({
  name: 'alert_rule_list',
  title: 'Alert rules',
  description:
    'All alert rules, built-in and own, with what their expressions say right now. ' +
    'alert_list shows the alerts that came of them; alert_rule_export writes them as a rule file.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alert: z.string().max(64).optional().describe('Only rules with this in their name'),
    enabled: z.boolean().optional().describe('Only those that are on, or off'),
  }),
  output: z.object({ rules: z.array(Rule) }),
  run: async (context, input) => {
    const centre = await context.use(alertCentre);
    const metrics = await context.use(metricsStore);
    const source = metricsSource(metrics, { hosts: knownHosts(context.hosts), computed: centre.computed });
    const now = Date.now();
    const wanted = centre.rules
      .list()
      .filter(
        ({ rule, enabled }) =>
          (input.alert === undefined || rule.alert.toLowerCase().includes(input.alert.toLowerCase())) &&
          (input.enabled === undefined || enabled === input.enabled),
      );
    const rules = [];
    for (const { rule, group, enabled, builtIn } of wanted) {
      const clear = rule.annotations[CLEAR_ANNOTATION];
      rules.push({
        ...rule,
        ...{
          group,
          enabled,
          builtIn,
          severity: severityOf(rule.labels),
          annotations: withoutClear(rule.annotations),
        },
        ...(clear !== undefined && { clear_expr: clear }),
        ...(enabled && (await said(rule.expr))),
      });
    }
    return { rules };

    async function said(expr: string): Promise<{ holdsFor: number } | { problem: string }> {
      try {
        return { holdsFor: (await evaluate(parsePromql(expr), source, now)).length };
      } catch (error) {
        if (!isFlotillaError(error)) throw error;
        return { problem: error.message };
      }
    }
  },
  text: ({ rules }) => {
    const on = rules.filter(({ enabled }) => enabled).length;
    return [
      `${counted(rules.length, 'alert rule')}, ${on} on`,
      ...rules.map((rule) => {
        const times = `${rule.for === '0s' ? '' : ` for ${rule.for}`}${rule.keep_firing_for === '0s' ? '' : `, keeps firing ${rule.keep_firing_for}`}`;
        const state = rule.enabled
          ? (rule.problem ?? (rule.holdsFor ? `holds for ${rule.holdsFor}` : 'does not hold'))
          : 'off';
        return `${rule.alert} [${rule.severity}] ${state}: ${rule.expr}${times}`;
      }),
    ].join('\n');
  },
});
