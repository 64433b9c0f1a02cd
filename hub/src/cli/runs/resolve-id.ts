import { FlotillaError } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';

/** The run a person means: its id, or `last` for the newest one. */
export function resolveRunId(engine: Pick<RunsEngine, 'list' | 'history'>, word: string): string {
  if (word !== 'last') return word;
  const open = engine.list({ limit: 1000 }).runs;
  const ended = engine.history({ limit: 1 }).runs;
  const newest = [...open, ...ended].sort((a, b) => b.createdAt - a.createdAt)[0];
  if (newest) return newest.id;
  throw new FlotillaError('NOT_FOUND', 'There is no run yet.', {
    hint: 'Start one: flotilla exec HOST -- CMD',
  });
}
