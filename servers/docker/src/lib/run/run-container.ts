import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { containerPath, detailsName, inspectContainer } from '../containers/details.ts';
import { exitMeaning } from '../containers/exit-code.ts';
import type { Engine } from '../engine/index.ts';
import { readLogs } from '../logs/read-logs.ts';
import { shown } from '../text.ts';
import { createBody, RUN_LABEL, type RunInput } from './create-body.ts';

const SETTLE_MS = 700;
const Created = z.looseObject({ Id: z.string(), Warnings: z.array(z.string()).nullish() });

/** Makes and starts a container; a replay finds the one it made, and starts it only if it never ran. */
export async function makeContainer(
  engine: Engine,
  name: string,
  input: RunInput,
  runId: string,
  signal: AbortSignal,
): Promise<{ id: string; warnings: string[] }> {
  const made = await create(engine, name, input, runId, signal);
  if (!made.ran)
    await engine.send(containerPath(made.id, '/start'), { method: 'POST', timeoutMs: 120_000, signal });
  return { id: made.id, warnings: made.warnings };
}

async function create(engine: Engine, name: string, input: RunInput, runId: string, signal: AbortSignal) {
  try {
    const call = {
      method: 'POST' as const,
      query: { name },
      body: createBody(input, runId),
      timeoutMs: 120_000,
      signal,
    };
    const { Id, Warnings } = await engine.json(Created, '/containers/create', call);
    return { id: Id, warnings: shown(Warnings ?? [], 500), ran: false };
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'CONFLICT') throw error;
    const there = await inspectContainer(engine, name, signal);
    if (there.Config.Labels?.[RUN_LABEL] === runId)
      return { id: there.Id, warnings: [], ran: there.State.Status !== 'created' };
    throw new FlotillaError('ALREADY_EXISTS', 'A container of that name is there already.', {
      details: { alias: engine.alias, name, remote: `${there.State.Status}, image ${there.Config.Image}` },
      hint: 'Choose another name, or remove that one with docker_remove.',
    });
  }
}

export interface RanContainer {
  container: string;
  id: string;
  state: string;
  exitCode?: number;
  why?: string;
  lines: string[];
}

/** Looks at the container a moment after its start; `toEnd`: when it has ended. */
export async function watchContainer(
  engine: Engine,
  id: string,
  toEnd: boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<RanContainer> {
  if (toEnd) await engine.send(containerPath(id, '/wait'), { method: 'POST', timeoutMs: limitMs, signal });
  else await delay(SETTLE_MS, undefined, { signal });
  const details = await inspectContainer(engine, id, signal);
  const { State: state } = details;
  const up = state.Running && !state.Restarting;
  const log =
    up && !toEnd ? undefined : await readLogs(engine, details, { lines: 200 }, signal).catch(() => undefined);
  return {
    container: detailsName(details),
    id: details.Id.slice(0, 12),
    state: state.Status,
    ...(!up && { exitCode: state.ExitCode, why: exitMeaning(state.ExitCode, state.OOMKilled === true) }),
    lines: shown(log?.lines ?? []),
  };
}
