import { FlotillaError, isOpen, type JobContext, type Progress } from '@flotilla/core';
import { awaitTools, toolsOf } from '../check/await-tools.ts';
import { checkPipeline } from '../check/check.ts';
import { graphOf } from '../check/graph.ts';
import { type GivenInputs, openInputs, readInputs } from '../check/inputs.ts';
import { invalidPipeline } from '../definition/problem.ts';
import type { Pipeline } from '../definition/schema.ts';
import { renderText, valuesIn } from '../expression/render.ts';
import type { Pipelines } from '../service.ts';
import { canRepeat } from './call.ts';
import { judge } from './decide.ts';
import { asCaller, cancelRun, mayStillRunOn } from './follow.ts';
import { asError, type StepResult } from './results.ts';
import { acquire, runStep } from './run-step.ts';
import { isLetGo, isStopped, type Running } from './running.ts';
import { undoAll } from './undo.ts';

export interface StillRunning {
  runId: string;
  hosts: string;
}

export interface PipelineEnd {
  state: 'succeeded' | 'failed' | 'cancelled';
  results: readonly StepResult[];
  undone: boolean;
  /** Runs of steps whose cancel did not reach their hosts yet. */
  mayStillRun: readonly StillRunning[];
}

/**
 * Runs a definition from its beginning, or takes it up where another process left it: every step's outcome is recorded
 * by the engine, and what is decided here is decided from those alone.
 */
export async function runPipeline(
  job: JobContext,
  service: Pipelines,
  pipeline: Pipeline,
  given: GivenInputs,
): Promise<PipelineEnd> {
  const on = await prepare(job, service, pipeline, given);
  try {
    await lockAll(on);
    await runSteps(on);
    const interrupted = [...on.results.values()].find(({ state }) => state === 'interrupted');
    if (interrupted) throw interruption(job, interrupted);
    const verdict = judge(on);
    const undone = verdict.failed && verdict.undo && !isStopped(on) && (await undoAll(on));
    const results = pipeline.steps.flatMap(({ key }) => on.results.get(key) ?? []);
    const cut = isStopped(on) && ((verdict.failed && verdict.undo) || results.some(wasCut));
    const mayStillRun = isStopped(on) ? await stopChildren(on) : [];
    if (cut) await endCancelled(on);
    const state = cut ? 'cancelled' : verdict.failed ? 'failed' : 'succeeded';
    if (mayStillRun.length === 0) await on.locks.releaseAll(job.runId);
    return { state, results, undone, mayStillRun };
  } catch (cause) {
    if (isLetGo(on)) throw cause;
    const mayStillRun = isStopped(on) ? await stopChildren(on) : [];
    // What is not known may still go on: its locks stay until a person has looked.
    if (asError(cause).code !== 'INTERRUPTED' && mayStillRun.length === 0)
      await on.locks.releaseAll(job.runId);
    throw cause;
  }
}

async function prepare(
  job: JobContext,
  service: Pipelines,
  pipeline: Pipeline,
  given: GivenInputs,
): Promise<Running> {
  const { host, surroundings, children, locks } = service;
  const { values, problems } = readInputs(pipeline, given);
  for (const [name, value] of Object.entries(given.secretInputs ?? {}))
    if (pipeline.inputs[name]?.secret && typeof value === 'string') host.redactor.add(value);
  const again = await job.step.repeatable('check', async () => {
    await awaitTools(pipeline, surroundings);
    const known = { inputs: openInputs(pipeline, values) };
    const found = [...checkPipeline(pipeline, surroundings, known).problems, ...problems];
    if (found.length > 0) throw invalidPipeline(pipeline.name, found);
    return toolsOf(pipeline).filter((name) => {
      const tool = surroundings.tool(name);
      return tool !== undefined && canRepeat(tool);
    });
  });
  const secrets = Object.fromEntries(pipeline.secrets.map((name) => [name, host.namedSecret(name)]));
  const results = new Map<string, StepResult>();
  const report = (step: string, update?: Progress): void => {
    const share =
      update?.total === undefined || update.total <= 0
        ? ''
        : ` ${Math.floor((100 * update.progress) / update.total)} %`;
    const words = [`${step}${share}`, update?.message].filter((one) => one).join(': ');
    job.progress({ progress: results.size, total: pipeline.steps.length, message: words.slice(0, 300) });
  };
  const { graph } = graphOf(pipeline.steps);
  const known = { inputs: values, secrets, again: new Set(again) };
  return { job, host, pipeline, graph, ...known, results, children, locks, report };
}

/** In one order for all pipelines, so that two of them cannot wait for each other. */
async function lockAll(on: Running): Promise<void> {
  const scope = valuesIn({ inputs: on.inputs });
  const keys = on.pipeline.locks.map((lock) => String(renderText(lock, scope)));
  const replaced = new Set<string>();
  for (const key of [...new Set(keys)].toSorted())
    await acquire(on, { run: on.job.runId, step: '', key }, on.pipeline.name, (holder) => {
      if (on.pipeline.onLocked === 'fail')
        throw new FlotillaError('CONFLICT', `Lock ${key} is held by ${holder}.`, {
          details: { lock: key, holder },
          hint: `task_status {"id":"${holder}"} shows what holds it; try again when it has ended.`,
        });
      if (on.pipeline.onLocked !== 'replace' || replaced.has(holder)) return;
      replaced.add(holder);
      void cancelRun(on, holder);
    });
}

/** Each step begins when all that it needs have ended, whatever else goes on. */
async function runSteps(on: Running): Promise<void> {
  const { pipeline, graph, results } = on;
  const byKey = new Map(pipeline.steps.map((step) => [step.key, step]));
  const under = new Map<string, Promise<void>>();
  for (const key of graph.levels.flat()) {
    const step = byKey.get(key);
    if (!step) continue;
    const work = async (): Promise<void> => {
      await Promise.all(step.needs.map((need) => under.get(need)));
      results.set(key, await runStep(on, step));
      on.report(key);
    };
    under.set(key, work());
  }
  const settled = await Promise.allSettled(under.values());
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

function interruption(job: JobContext, { key, failure }: StepResult): FlotillaError {
  return new FlotillaError(
    'INTERRUPTED',
    `Step ${key} was cut off and must not run twice; whether it took effect is not known.`,
    {
      details: { step: key, ...(failure && { cause: failure.message }) },
      hint: `Look at what it did, then: flotilla task resolve ${job.runId} --as retry runs it again and goes on; --as succeeded or failed ends the pipeline here.`,
    },
  );
}

const wasCut = ({ state }: StepResult): boolean => state === 'cancelled' || state === 'not_started';

/** A cancel that came before all was done: the engine hears of it by a step that it refuses. */
async function endCancelled(on: Running): Promise<void> {
  await on.job.step.repeatable('stopped', async () => undefined).catch(() => undefined);
}

/** Also runs of steps that this process did not follow when the cancel came. Returns what could not be stopped. */
async function stopChildren(on: Running): Promise<StillRunning[]> {
  const left: StillRunning[] = [];
  const look = (runId: string) => on.host.calls.wait(runId, 0, asCaller(on)).catch(() => undefined);
  for (const { runId } of on.children.of(on.job.runId)) {
    let run = await look(runId);
    if (run && isOpen(run.state)) {
      await cancelRun(on, runId);
      run = await look(runId);
    }
    const hosts = run && mayStillRunOn(run);
    if (hosts !== undefined) left.push({ runId, hosts });
  }
  return left;
}
