import { FlotillaError, type Principal } from '@flotilla/core';
import { parsePipeline } from '../definition/parse.ts';
import { invalidPipeline } from '../definition/problem.ts';
import type { Pipeline } from '../definition/schema.ts';
import { type Definitions, refuseUnlessPerson } from '../store/definitions.ts';

export interface Wanted {
  name?: string | undefined;
  version?: number | undefined;
  definition?: unknown;
}

export interface Loaded {
  pipeline: Pipeline;
  /** Absent for one that was given whole. */
  version?: number;
}

/** The definition that a call means. INVALID_INPUT with all that is wrong with its form, NOT_FOUND, DENIED. */
export function loadPipeline(saved: Definitions, wanted: Wanted, by: Principal): Loaded {
  const { name, version, definition } = wanted;
  if ((name === undefined) === (definition === undefined))
    throw new FlotillaError('INVALID_INPUT', 'Give either name or definition.');
  if (name !== undefined) {
    const found = saved.get(name, version);
    return { pipeline: found.pipeline, version: found.version };
  }
  const pipeline = readDefinition(definition);
  refuseUnlessPerson(pipeline, false, by);
  return { pipeline };
}

/** INVALID_INPUT with all that is wrong with its form. */
export function readDefinition(definition: unknown): Pipeline {
  const parsed = parsePipeline(definition);
  if (parsed.pipeline) return parsed.pipeline;
  throw invalidPipeline('definition', parsed.problems);
}
