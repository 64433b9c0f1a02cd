import type { RunView } from '@flotilla/core';
import { stepExitCode } from './exit-code.ts';

/** What a person does with a run that was left to itself. */
export const detachedNote = (id: string): string =>
  [
    `Detached: ${id} goes on.`,
    `  see it     flotilla task output -f ${id}`,
    `  stop it    flotilla task cancel ${id}`,
  ].join('\n');

interface Row {
  alias: string;
  state: string;
  error?: { code: string; message: string };
}

/** One line per host whose command failed; of a single host nothing that its exit code does not say. */
export function hostFailures(view: RunView, hosts: readonly string[]): { alias: string; said: string }[] {
  const rows = (view.output?.['rows'] ?? []) as Row[];
  return hosts.flatMap((alias) => {
    const row = rows.find((one) => one.alias === alias);
    const step = view.steps.findLast((one) => one.alias === alias);
    const problem = row?.error ?? step?.failure;
    if (problem) return [{ alias, said: `${problem.code}: ${problem.message}` }];
    if (row?.state === 'skipped' || row?.state === 'cancelled') return [{ alias, said: row.state }];
    if (hosts.length === 1 || step === undefined) return [];
    const code = stepExitCode(step);
    return code === 0
      ? []
      : [{ alias, said: step.signal ? `ended by signal ${step.signal}` : `exit ${code}` }];
  });
}
