import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { writeRuleFile } from '../lib/alerts/rule-file.ts';

const MAX_BYTES = 40_000;

export const alertRuleExport = defineTool({
  name: 'alert_rule_export',
  title: 'Alert rules as a rule file',
  description:
    'The alert rules that are on, as a rule file of Prometheus that promtool check rules accepts. ' +
    'alert_rule_add with yaml reads it back; hysteresis is the annotation flotilla_clear_expr.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    group: z.string().max(200).optional().describe('Only this group; default all'),
    builtIn: z.boolean().default(true).describe('With the rules that came with the server'),
  }),
  output: z.object({
    yaml: z.string(),
    rules: z.number().int(),
    leftOut: z.number().int().describe('Ask by group for these'),
  }),
  run: async (context, { group, builtIn }) => {
    const { rules } = await context.use(alertCentre);
    const wanted = rules
      .list()
      .filter(
        (one) => one.enabled && (builtIn || !one.builtIn) && (group === undefined || one.group === group),
      );
    let shown = wanted;
    while (shown.length > 1 && Buffer.byteLength(writeRuleFile(shown)) > MAX_BYTES)
      shown = shown.slice(0, Math.floor(shown.length * 0.8));
    return { yaml: writeRuleFile(shown), rules: shown.length, leftOut: wanted.length - shown.length };
  },
  text: ({ yaml, leftOut }) => (leftOut > 0 ? `# ${leftOut} more rules: ask by group\n${yaml}` : yaml),
});
