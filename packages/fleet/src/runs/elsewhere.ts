import { isFlotillaError, type Principal } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { RunRow } from './run-row.ts';

/** A mounted server of ours whose runs live in a data folder of its own. */
export interface RunsElsewhere {
  mount: string;
  /** The structured answer of a run tool over there. SERVER_UNAVAILABLE when it is not connected. */
  ask(tool: string, args: Record<string, unknown>, call: Asking): Promise<Record<string, unknown>>;
}

/** For whom, and until when. */
export interface Asking {
  principal: Principal;
  signal: AbortSignal;
}

export const Missing = z
  .array(z.object({ mount: z.string(), reason: z.string() }))
  .optional()
  .describe('Mounted servers that did not answer in time: their runs are not in here');
export type Missing = NonNullable<z.output<typeof Missing>>;

export interface Found<T> {
  found: T[];
  missing: Missing;
}

/** A list is not worth more; a mount that is down is known to be so and costs nothing. */
const MOUNT_WAIT_MS = 1_500;

/** Asks all of them at once. None can hold the others up: what has not answered in time is named as missing. */
export async function askElsewhere<T>(
  deps: RunToolsDeps,
  call: Asking,
  ask: (mount: RunsElsewhere, call: Asking) => Promise<T>,
): Promise<Found<T>> {
  const mounts = deps.elsewhere?.() ?? [];
  if (mounts.length === 0) return { found: [], missing: [] };
  const waitMs = deps.mountWaitMs ?? MOUNT_WAIT_MS;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(waitMs)]);
  const { principal } = call;
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${waitMs} ms`)), {
      once: true,
    });
  });
  late.catch(() => {});
  const asked = await Promise.allSettled(
    mounts.map((mount) => Promise.race([ask(mount, { principal, signal }), late])),
  );
  call.signal.throwIfAborted();
  const all: Found<T> = { found: [], missing: [] };
  for (const [index, result] of asked.entries()) {
    const mount = mounts[index]?.mount ?? '';
    if (result.status === 'fulfilled') all.found.push(result.value);
    else all.missing.push({ mount, reason: reasonOf(result.reason) });
  }
  return all;
}

/** Only our own words: what the mount said may be anything. */
function reasonOf(error: unknown): string {
  if (isFlotillaError(error)) return error.message;
  if (error instanceof z.ZodError) return 'its answer is not understood; is it an older version?';
  return error instanceof Error ? error.message.slice(0, 200) : 'it did not answer';
}

const Page = z.object({
  rows: z.array(RunRow.extend({ position: z.number().optional() })),
  total: z.number(),
  nextOffset: z.number().optional(),
});
export type RowElsewhere = z.output<typeof Page>['rows'][number];

export interface RowsElsewhere {
  rows: RowElsewhere[];
  total: number;
}

/** The most that one call of a list tool gives. */
const PAGE = 1_000;

/** The first `want` rows of a list over there, each with the name of the mount. */
export async function rowsOf(
  { mount, ask }: RunsElsewhere,
  call: Asking,
  list: { tool: string; args: Record<string, unknown>; want: number },
): Promise<RowsElsewhere> {
  const rows: RowElsewhere[] = [];
  let total = 0;
  let offset: number | undefined = 0;
  while (offset !== undefined && rows.length < list.want) {
    const limit = Math.min(PAGE, list.want - rows.length);
    const page: z.output<typeof Page> = Page.parse(
      await ask(list.tool, { ...list.args, limit, compact: false, ...(offset > 0 && { offset }) }, call),
    );
    rows.push(...page.rows.map((row) => ({ ...row, mount })));
    total = page.total;
    offset = page.nextOffset;
  }
  return { rows, total };
}

/**
 * Lists that share a run are of one data folder and count once: the first stays. Its rows carry the mount that holds
 * their tool.
 */
export function distinct(lists: readonly RowsElsewhere[]): RowsElsewhere[] {
  const kept: RowsElsewhere[] = [];
  for (const list of lists) {
    const ids = new Set(list.rows.map(({ id }) => id));
    const same = kept.find(({ rows }) => rows.some(({ id }) => ids.has(id)));
    if (!same) kept.push({ ...list });
    else same.rows = same.rows.map((row) => list.rows.find((other) => isNearer(other, row)) ?? row);
  }
  return kept;
}

/** The same run, seen by the mount that is named as the server that holds its tool. */
const isNearer = (other: RowElsewhere, row: RowElsewhere): boolean =>
  other.id === row.id && row.mount !== undefined && other.mount === other.server;

/** What a text says of mounts that are missing; empty when none is. */
export const missingText = (missing: Missing | undefined): string =>
  (missing ?? []).map(({ mount, reason }) => `\nWithout the runs of ${mount}: ${reason}`).join('');
