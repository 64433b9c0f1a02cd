import { z } from 'zod';
import type { FlotillaError } from '../errors.ts';
import { forEachHost } from '../fan-out.ts';
import type { Target } from '../ports/hosts.ts';
import { capText } from '../text/cap.ts';
import { fenceRemote, visibleControls } from '../text/visible.ts';
import type { ToolContext } from './context.ts';

const REMOTE_BYTES = 2_000;

/** Arguments of tools that work on several hosts in one call, besides `alias: HostTarget`. */
export const fanOutArguments = {
  maxParallel: z.number().int().min(1).max(500).optional().describe('Hosts at a time; default 20'),
  stopAfterFailures: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Start no further host after so many failed; default: never stop'),
};

/** Argument of tools whose calls are runs. */
export const idempotencyKeyArgument = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('The same key returns the same run instead of running again');

const RowError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  remote: z.string().optional().describe('What the host said'),
});

const rowBase = {
  alias: z.string(),
  state: z.enum(['ok', 'failed', 'skipped', 'cancelled']),
  error: RowError.optional(),
};

/** Why a host of several has no value. */
export interface FailedHostRow {
  alias: string;
  state: 'failed' | 'skipped' | 'cancelled';
  error?: z.infer<typeof RowError> | undefined;
}
export type HostRow<T> = ({ alias: string; state: 'ok' } & T) | FailedHostRow;

/** Schema of a row of one host: what `hostRows` returns. The host's own fields are absent where it failed. */
export function hostRowSchema<S extends z.ZodRawShape>(
  shape: S,
): z.ZodObject<typeof rowBase & { [K in keyof S]: z.ZodOptional<S[K]> }> {
  return z.object({ ...rowBase, ...z.object(shape).partial().shape }) as never;
}

/** One row per host of a target, in a stable order; a host that fails has its error in its row. NOT_FOUND for an unknown name. */
export async function hostRows<T extends object>(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  input: { alias: Target; maxParallel?: number | undefined; stopAfterFailures?: number | undefined },
  work: (alias: string) => Promise<T>,
): Promise<HostRow<T>[]> {
  const aliases = context.hosts.resolve(input.alias).map(({ alias }) => alias);
  const { maxParallel, stopAfterFailures } = input;
  const options = { maxParallel, stopAfterFailures, signal: context.signal };
  const outcomes = await forEachHost(aliases, options, work);
  return outcomes.map(({ alias, state, value, error }): HostRow<T> => {
    if (state === 'ok') return { alias, state, ...(value as T) };
    return { alias, state, ...(error && { error: rowError(error) }) };
  });
}

function rowError(error: FlotillaError): z.infer<typeof RowError> {
  const remote = error.details['remote'];
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(typeof remote === 'string' &&
      remote !== '' && { remote: visibleControls(capText(remote, REMOTE_BYTES).text) }),
  };
}

/** For `isError`: a host of the call failed or was left out. */
export const anyHostFailed = (output: { rows: readonly { state: string }[] }): boolean =>
  output.rows.some(({ state }) => state !== 'ok');

/** The line of a host that has no value. */
export function failedHostText({
  alias,
  state,
  error,
}: Pick<FailedHostRow, 'alias' | 'error'> & { state: string }): string {
  if (!error) return `${alias}: ${state}`;
  const said = error.remote ? `\n${fenceRemote(error.remote, alias)}` : '';
  return `${alias}: ${error.code}: ${error.message} ${error.hint}${said}`;
}
