import { ERROR_CODES, type Principal } from '@flotilla/core';
import { z } from 'zod';
import { MISSED } from '../plan/due.ts';
import { OVERLAP } from '../plan/overlap.ts';
import { When } from '../when/when.ts';

/** What is called, when, and by which rules; nothing secret. */
export const Definition = z.object({
  tool: z.string(),
  when: When,
  /** Of a cron expression; for the others, the zone in which times are shown. */
  zone: z.string(),
  missed: z.enum(MISSED),
  graceMs: z.number(),
  overlap: z.enum(OVERLAP),
  jitterMs: z.number(),
  notes: z.string().optional(),
});
export type Definition = z.infer<typeof Definition>;

/** What a firing calls, and on whose behalf. */
export interface ScheduledCall {
  tool: string;
  args: Record<string, unknown>;
  principal: Principal;
}

export interface Schedule {
  id: string;
  name: string;
  definition: Definition;
  /** Arguments as they may be shown. */
  shown: Record<string, unknown>;
  /** Id of the principal on whose behalf it calls. */
  owner: string;
  enabled: boolean;
  /** Grows with every change. */
  revision: number;
  /** Fire times until then are decided. */
  decidedAt: number;
  dueAt?: number;
  /** In a row. */
  failures: number;
  addedAt: number;
  changedAt: number;
}

/**
 * queued: it waits for the one before. calling: the call is being made. running: it became a run.
 * unknown: the run is not in the history any more.
 */
export const FIRING_STATES = [
  'queued',
  'calling',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'interrupted',
  'unknown',
  'skipped',
] as const;
export type FiringState = (typeof FIRING_STATES)[number];

export const FiringFailure = z.object({ code: z.enum(ERROR_CODES), message: z.string() });
export type FiringFailure = z.infer<typeof FiringFailure>;

export interface Firing {
  id: number;
  schedule: string;
  kind: 'time' | 'hand';
  fireAt: number;
  state: FiringState;
  late: boolean;
  /** Fire times that it stands for. */
  times: number;
  caller?: string;
  beat: number;
  runId?: string;
  replaced: boolean;
  reason?: string;
  failure?: FiringFailure;
  /** Of a call that was no run: its output as JSON, cut. */
  output?: string;
  decidedAt: number;
  startedAt?: number;
  endedAt?: number;
}

/** The end of a firing. */
export interface Ending {
  state: 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'interrupted' | 'unknown';
  reason?: string;
  failure?: FiringFailure;
  output?: string;
}
