import { FlotillaError } from '@flotilla/core';
import type { RunSession } from '../run/session.ts';

/** Why a step ends when its run is being stopped. */
export const stopError = (session: RunSession): FlotillaError =>
  session.stopReason === 'timeout'
    ? new FlotillaError('TIMEOUT', 'The run reached its time limit.')
    : new FlotillaError('CANCELLED', 'The run was cancelled.');

/** Nothing new begins once the run is being stopped. */
export function refuseStopped(session: RunSession): void {
  session.assertHeld();
  if (!session.stopReason) return;
  session.cutShort = true;
  throw stopError(session);
}
