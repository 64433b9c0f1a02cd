import { setTimeout as delay } from 'node:timers/promises';
import { defineTool, FlotillaError, fenceRemote, HostAlias, type InlineTool } from '@flotilla/core';
import { z } from 'zod';
import { containerName } from '../arguments.ts';
import { type Engine, withEngine } from '../engine/index.ts';
import { readLogs } from '../logs/read-logs.ts';
import { cell, shown } from '../text.ts';
import { containerPath, inspectContainer, onContainer } from './details.ts';
import { exitMeaning } from './exit-code.ts';

const GRACE_S = 10;
/** A program that cannot run mostly ends within this time after its start. */
const SETTLE_MS = 700;

const Changed = z.object({
  alias: z.string(),
  container: z.string(),
  before: z.string().describe('State before'),
  after: z.string().describe('State now, looked at after the change'),
  changed: z.boolean(),
  exitCode: z.number().optional(),
  why: z.string().optional().describe('Why it does not run'),
  lastLines: z.array(z.string()).optional(),
});
export type Changed = z.infer<typeof Changed>;

const input = z.object({
  alias: HostAlias,
  container: containerName,
  grace: z
    .number()
    .int()
    .min(0)
    .max(600)
    .default(GRACE_S)
    .describe('Seconds to stop by itself before it is killed; default 10'),
});

export type StateAction = 'start' | 'stop' | 'restart';

/** The tools that start, stop and restart a container differ in words and one path alone. */
export function stateTool(
  action: StateAction,
  words: { title: string; description: string },
): InlineTool<typeof input, typeof Changed> {
  return defineTool({
    name: `docker_${action}`,
    ...words,
    effect: 'write',
    input,
    output: Changed,
    isError: (output: Changed) => !isDone(action, output),
    run: (context, { alias, container, grace }) =>
      withEngine(context, alias, (engine) => change(engine, container, action, grace, context.signal)),
    text: (output: Changed) => {
      const { alias, container, before, after, changed, why, lastLines } = output;
      const done = changed ? `was ${before}, is ${after}` : `is ${after} already`;
      const bad = isDone(action, output) ? '' : ` It did not stay up${why ? `: ${cell(why, 300)}` : ''}.`;
      const said = lastLines?.length ? `\n${fenceRemote(lastLines.join('\n'), 'last lines')}` : '';
      return `${alias}: ${container} ${done}.${bad}${said}`;
    },
  });
}

const isDone = (action: StateAction, { after }: Changed): boolean =>
  action === 'stop' ? !['running', 'restarting', 'paused'].includes(after) : after === 'running';

async function change(
  engine: Engine,
  container: string,
  action: StateAction,
  grace: number,
  signal: AbortSignal,
): Promise<Changed> {
  const before = await inspectContainer(engine, container, signal);
  if (before.State.Paused && action !== 'stop')
    throw new FlotillaError('CONFLICT', 'The container is paused.', {
      details: { alias: engine.alias, container },
      hint: 'Resume it on the host: docker unpause NAME; or stop it first.',
    });
  const { status } = await onContainer(engine, container, () =>
    engine.send(containerPath(before.Id, `/${action}`), {
      method: 'POST',
      query: action === 'start' ? {} : { t: grace },
      timeoutMs: (grace + 60) * 1000,
      signal,
    }),
  );
  if (action !== 'stop') await delay(SETTLE_MS, undefined, { signal }).catch(() => undefined);
  const after = await inspectContainer(engine, before.Id, signal);
  const { State: state } = after;
  const up = state.Running && !state.Restarting;
  const failed = action !== 'stop' && !up;
  const log = failed
    ? await readLogs(engine, after, { lines: 10 }, signal).catch(() => undefined)
    : undefined;
  return {
    alias: engine.alias,
    container: before.Name.replace(/^\//, ''),
    before: before.State.Status,
    after: state.Status,
    changed: status !== 304,
    ...(!up && { exitCode: state.ExitCode }),
    ...(failed && { why: shown(state.Error || exitMeaning(state.ExitCode, state.OOMKilled === true), 500) }),
    ...(log && log.lines.length > 0 && { lastLines: shown(log.lines, 500) }),
  };
}
