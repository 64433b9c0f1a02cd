import { RUN_STATES } from '@flotilla/core';
import type { RunSummary } from '@flotilla/jobs';
import { z } from 'zod';
import { iso } from '../text/time.ts';

/** One run in a list. Absent fields have no value yet. */
export const RunRow = z.object({
  id: z.string(),
  tool: z.string(),
  state: z.enum(RUN_STATES),
  summary: z.string().describe('One line: the command, or what is transferred'),
  hosts: z.array(z.string()),
  createdAt: z.string().describe('ISO 8601'),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  durationMs: z.number().optional().describe('From start to end; of an open run until now'),
  progress: z
    .object({ progress: z.number(), total: z.number().optional(), message: z.string().optional() })
    .optional(),
  waitingFor: z.string().optional().describe('Why an open run is not running'),
  code: z.string().optional().describe('Error code of a run that failed'),
  reason: z.string().optional().describe('Why it failed'),
  retryOf: z.string().optional(),
  principal: z.string().optional(),
  server: z.string().optional(),
  mount: z.string().optional().describe('The mounted server whose own data folder holds this run'),
});
export type RunRow = z.output<typeof RunRow>;

const COMPACT_CHARACTERS = 160;

const shortened = (text: string): string =>
  text.length > COMPACT_CHARACTERS ? `${text.slice(0, COMPACT_CHARACTERS - 1)}…` : text;

/** A row without who started it and which server holds the tool, its long texts cut. */
export function compactRow<Row extends RunRow>({ principal: _by, server: _lane, ...row }: Row) {
  return {
    ...row,
    summary: shortened(row.summary),
    ...(row.reason !== undefined && { reason: shortened(row.reason) }),
  };
}

/** In full; `compactRow` makes it short. */
export function runRow(run: RunSummary, now: number): RunRow {
  const { startedAt, endedAt, progress, failure } = run;
  return {
    id: run.id,
    tool: run.tool,
    state: run.state,
    summary: run.summary,
    hosts: [...run.aliases],
    createdAt: iso(run.createdAt),
    ...(startedAt !== undefined && {
      startedAt: iso(startedAt),
      durationMs: Math.max(0, (endedAt ?? now) - startedAt),
    }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(progress && { progress }),
    ...(run.waitingFor !== undefined && { waitingFor: run.waitingFor }),
    ...(failure && { code: failure.code, reason: failure.message }),
    ...(run.retryOf !== undefined && { retryOf: run.retryOf }),
    principal: run.principal,
    server: run.lane,
  };
}
