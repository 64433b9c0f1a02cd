import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { CheckName } from '../lib/checks/definition.ts';
import { statesText, vantagesText } from '../lib/checks/render.ts';
import { checks } from '../lib/checks/service.ts';
import { CheckResult, CheckState, resultOf, stateOf } from '../lib/checks/state.ts';

const DAY_MS = 86_400_000;

export const checkList = defineTool({
  name: 'check_list',
  title: 'List checks',
  description:
    'The checks with their state, since when, why, and uptime over 24 hours, 7 and 30 days, down ones first. With name: one check with its last results and changes.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    name: CheckName.optional(),
    status: z.enum(['up', 'down', 'unknown']).optional().describe('Only checks in this state'),
    limit: z.number().int().min(1).max(200).default(20).describe('With name: results and changes at most'),
  }),
  output: z.object({
    checks: z.array(CheckState),
    results: z.array(CheckResult).optional(),
    changes: z
      .array(z.object({ at: z.string(), status: z.string(), reason: z.string().optional() }))
      .optional(),
  }),
  run: async (context, { name, status, limit }) => {
    const store = await context.use(checks);
    const now = Date.now();
    if (name !== undefined) {
      const state = stateOf(store, store.get(name), now);
      const changes = store.changes(name, now - 30 * DAY_MS).slice(-limit);
      return {
        checks: [state],
        results: store.results(name, limit).map(resultOf),
        changes: changes.map((change) => ({
          at: new Date(change.at).toISOString(),
          status: change.status,
          ...(change.reason !== undefined && { reason: change.reason }),
        })),
      };
    }
    const states = store.list().map((check) => stateOf(store, check, now));
    return { checks: states.filter((state) => status === undefined || state.status === status) };
  },
  text: ({ checks: states, changes }) => {
    const list = statesText(states, Date.now());
    const last = states[0]?.last;
    if (!changes || !last) return list;
    const history = changes.map(({ at, status, reason }) => `${at} ${status}${reason ? `: ${reason}` : ''}`);
    return `${list}\n${vantagesText(last)}\nChanges:\n${history.join('\n')}`;
  },
});
