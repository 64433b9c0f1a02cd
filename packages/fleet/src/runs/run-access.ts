import { type Effect, FlotillaError, type Principal, type RunView } from '@flotilla/core';
import type { RunToolsDeps } from './deps.ts';

/** The run, if this principal is admitted to its tool and hosts; otherwise NOT_FOUND, as for an id that never was. */
export function runFor(deps: RunToolsDeps, principal: Principal, id: string, effect: Effect): RunView {
  const view = deps.engine.get(id);
  if (deps.admits && !deps.admits(principal, view, 'read')) {
    throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, {
      details: { id },
      hint: 'task_queue lists open runs, task_history ended ones.',
    });
  }
  if (effect !== 'read' && deps.admits && !deps.admits(principal, view, effect)) {
    throw new FlotillaError('DENIED', `This client may look at ${id}, but not change it.`, {
      details: { id },
    });
  }
  return view;
}
