import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';

export const alertRuleRemove = defineTool({
  name: 'alert_rule_remove',
  title: 'Remove an alert rule',
  description:
    'Deletes an alert rule of your own, or switches a built-in one off; its alerts end. ' +
    'To be quiet for a while only, use alert_silence.',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ alert: z.string().min(1).max(64).describe('Name of the rule') }),
  output: z.object({
    alert: z.string(),
    result: z.enum(['deleted', 'disabled']),
    expr: z.string(),
    undo: z.string().describe('How it comes back'),
  }),
  run: async (context, { alert }) => {
    const { rules } = await context.use(alertCentre);
    const { rule } = rules.get(alert);
    const result = await rules.remove(alert, Date.now());
    const undo =
      result === 'disabled'
        ? `alert_rule_add {"alert":${JSON.stringify(alert)},"enabled":true}`
        : `alert_rule_add with alert ${alert}, for ${rule.for} and this expr`;
    return { alert, result, expr: rule.expr, undo };
  },
  text: ({ alert, result, expr, undo }) =>
    `${alert} is ${result === 'disabled' ? 'switched off (a built-in rule)' : 'deleted'}. It was: ${expr}\nUndo: ${undo}`,
});
