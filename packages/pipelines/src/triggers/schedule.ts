import { FlotillaError, isFlotillaError, type Principal, type ToolCalls } from '@flotilla/core';
import type { Pipeline } from '../definition/schema.ts';

/** The schedule of a pipeline's trigger. */
export const scheduleName = (pipeline: string): string => `pipeline-${pipeline}`;

const LONGEST = 63;

/** A trigger that cannot become a schedule: INVALID_INPUT, UNSUPPORTED. Checked before anything is saved. */
export async function checkSchedule(calls: ToolCalls, pipeline: Pipeline, by: Principal): Promise<void> {
  if (pipeline.triggers?.schedule) await addSchedule(calls, pipeline, by, true);
}

/** Makes the schedule what the definition says: added, changed, or removed when it has none any more. */
export async function applySchedule(calls: ToolCalls, pipeline: Pipeline, by: Principal): Promise<void> {
  if (pipeline.triggers?.schedule) await addSchedule(calls, pipeline, by, false);
  else await removeSchedule(calls, pipeline.name, by);
}

async function addSchedule(
  calls: ToolCalls,
  pipeline: Pipeline,
  by: Principal,
  dryRun: boolean,
): Promise<void> {
  const { cron, tz, inputs = {} } = pipeline.triggers?.schedule ?? { cron: '' };
  const name = scheduleName(pipeline.name);
  if (name.length > LONGEST)
    throw new FlotillaError(
      'INVALID_INPUT',
      'The name of a pipeline with a schedule has at most 54 characters.',
    );
  if (!calls.find('schedule_add'))
    throw new FlotillaError(
      'UNSUPPORTED',
      'The schedule of a pipeline needs the server schedules, which is not mounted.',
    );
  await calls.call(
    'schedule_add',
    {
      name,
      // While a pipeline is only checked, it is not there yet.
      tool: 'pipeline_run',
      args: { name: pipeline.name, inputs },
      cron,
      ...(tz !== undefined && { zone: tz }),
      enabled: true,
      notes: `The trigger of the pipeline ${pipeline.name}`,
      ...(dryRun && { dryRun }),
    },
    { principal: by, signal: new AbortController().signal },
  );
}

/** Quietly when there is none. */
export async function removeSchedule(calls: ToolCalls, pipeline: string, by: Principal): Promise<void> {
  if (!calls.find('schedule_remove')) return;
  const name = scheduleName(pipeline);
  try {
    await calls.call('schedule_remove', { name }, { principal: by, signal: new AbortController().signal });
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND') throw error;
  }
}
