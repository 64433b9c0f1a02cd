import { constants } from 'node:os';
import type { RunView, StepView } from '@flotilla/core';
import { EXEC_FAILED } from '../terminal/exit-codes.ts';

/** The exit code of one host's command as a shell would report it; 255 when it did not end by itself. */
export function stepExitCode(step: Pick<StepView, 'exitCode' | 'signal' | 'state'>): number {
  if (step.state === 'timed_out' || step.state === 'cancelled') return EXEC_FAILED;
  if (typeof step.exitCode === 'number') return step.exitCode;
  const number = step.signal ? constants.signals[`SIG${step.signal}` as NodeJS.Signals] : undefined;
  return number === undefined ? EXEC_FAILED : 128 + number;
}

/** Of one host the code of its command; of several the highest. 255 when a host's command did not run to its end. */
export function runExitCode(view: Pick<RunView, 'steps' | 'state'>, hosts: readonly string[]): number {
  if (view.state === 'timed_out' || view.state === 'cancelled') return EXEC_FAILED;
  const codes = hosts.map((alias) => {
    const step = view.steps.findLast((one) => one.alias === alias);
    return step ? stepExitCode(step) : EXEC_FAILED;
  });
  return codes.length === 0 ? EXEC_FAILED : Math.max(...codes);
}
