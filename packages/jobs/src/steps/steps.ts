import type { RetryPolicy, Steps } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import type { RunSession } from '../run/session.ts';
import { runApprovalStep } from './approval-step.ts';
import { runCommandStep } from './command-step.ts';
import { runLocalStep } from './local-step.ts';

/** The steps of one execution of a run. */
export function createSteps(
  parts: ExecutorParts,
  session: RunSession,
  retry: RetryPolicy | undefined,
): Steps {
  return {
    command: (key, alias, spec, options) =>
      runCommandStep(parts, session, { key, alias, spec, retry: options?.retry ?? retry }),
    repeatable: (key, run, options) =>
      runLocalStep(parts, session, {
        kind: 'repeatable',
        key,
        alias: options?.alias ?? '',
        retry: options?.retry ?? retry,
        run,
      }),
    once: (key, run, options) =>
      runLocalStep(parts, session, {
        kind: 'once',
        key,
        alias: options?.alias ?? '',
        retry: options?.retry,
        run,
      }),
    approval: (key, request) => runApprovalStep(parts, session, key, request),
    compensate: () => session.note({ op: 'compensate' }),
  };
}
