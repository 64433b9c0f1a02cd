import type { Principal } from '@flotilla/core';
import { awaitTools } from '../check/await-tools.ts';
import { checkPipeline } from '../check/check.ts';
import { invalidPipeline } from '../definition/problem.ts';
import type { Pipelines } from '../service.ts';
import { applySchedule, checkSchedule } from '../triggers/schedule.ts';
import { readDefinition } from './load.ts';

export interface Saved {
  name: string;
  version: number;
  changed: boolean;
}

/** Checks everything before anything is kept, the schedule of its trigger included. INVALID_INPUT, DENIED. */
export async function savePipeline(service: Pipelines, given: unknown, by: Principal): Promise<Saved> {
  const { definitions, surroundings, host } = service;
  const pipeline = readDefinition(given);
  await awaitTools(pipeline, surroundings);
  const { problems } = checkPipeline(pipeline, surroundings);
  if (problems.length > 0) throw invalidPipeline(pipeline.name, problems);
  definitions.refuse(pipeline, by);
  await checkSchedule(host.calls, pipeline, by);
  const saved = await definitions.save(pipeline, by, Date.now());
  await applySchedule(host.calls, pipeline, by);
  return { name: pipeline.name, ...saved };
}
