import { type Effect, FlotillaError, type Principal, type RunView } from '@flotilla/core';
import type { RunToolsDeps } from './deps.ts';
import type { RunRow } from './run-row.ts';

/** The run, if this principal is admitted to its tool and hosts; otherwise NOT_FOUND, as for an id that never was. */
export function runFor(deps: RunToolsDeps, principal: Principal, id: string, effect: Effect): RunView {
  const view = deps.engine.get(id);
  if (deps.admits?.(principal, view, 'read')) {
    throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, {
      details: { id },
      hint: 'task_queue lists open runs, task_history ended ones.',
    });
  }
  if (effect !== 'read' && deps.admits?.(principal, view, effect)) {
    throw new FlotillaError('DENIED', `This client may look at ${id}, but not change it.`, {
      details: { id },
    });
  }
  return view;
}

/** That it may be started again as it was: the policy of today decides, about the arguments of then. */
export function checkRepeat(deps: RunToolsDeps, principal: Principal, id: string): void {
  const { tool, lane, aliases } = runFor(deps, principal, id, 'destroy');
  const refusal = deps.admits?.(principal, { tool, lane, aliases, args: deps.engine.args(id) }, 'destroy');
  if (refusal) throw refusal;
}

/** May it be in a list for this principal? */
export const mayRead = (
  deps: RunToolsDeps,
  principal: Principal,
  { tool, server = '', hosts }: RunRow,
): boolean => deps.admits?.(principal, { tool, lane: server, aliases: hosts }, 'read') === undefined;
