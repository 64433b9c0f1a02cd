import type { Target } from '../ports/hosts.ts';
import type { ToolContext } from './context.ts';
import { type FailedHostRow, failedHostText, type HostRow, hostRows } from './host-rows.ts';

/**
 * One row per host. A single host that is named fails as a whole, with all that its error says; of several each has
 * its row.
 */
export async function eachHost<T extends object>(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  input: { alias: Target; maxParallel?: number | undefined; stopAfterFailures?: number | undefined },
  work: (alias: string) => Promise<T>,
): Promise<HostRow<T>[]> {
  const { alias } = input;
  const [first, ...others] = context.hosts.resolve(alias);
  if (others.length === 0 && first?.alias === alias)
    return [{ alias: first.alias, state: 'ok', ...(await work(first.alias)) }];
  return hostRows(context, input, work);
}

/** The text of every row; of a failed one its error. */
export const rowsText = <T>(
  rows: readonly (Pick<FailedHostRow, 'alias' | 'error'> & { state: string })[],
  text: (row: T & { alias: string }) => string,
): string => rows.map((row) => (row.state === 'ok' ? text(row as never) : failedHostText(row))).join('\n');

/** A target as words, short. */
export const targetText = (target: Target): string =>
  typeof target === 'string'
    ? target
    : target.length <= 3
      ? target.join(', ')
      : `${target.slice(0, 2).join(', ')} and ${target.length - 2} more`;
