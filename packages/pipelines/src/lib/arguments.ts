import { secret } from '@flotilla/core';
import { z } from 'zod';
import { LIMITS } from '../definition/limits.ts';
import { PipelineName } from '../definition/name.ts';

const values = z.record(z.string().max(60), z.unknown());

export const definition = z
  .union([z.string().min(1).max(LIMITS.text), z.record(z.string(), z.unknown())])
  .describe('The pipeline as YAML or JSON text, or as an object');

/** Which pipeline: a saved one, or one that is given whole. */
export const pipelineArguments = {
  name: PipelineName.optional().describe('A saved pipeline; pipeline_list shows them'),
  version: z.number().int().min(1).optional().describe('Of the saved pipeline; default the newest'),
  definition: definition.optional().describe('Instead of a name: YAML or JSON text, or an object'),
  inputs: values.default({}).describe('Values for its inputs'),
  secretInputs: secret(values).optional().describe('Values for inputs that it declares secret'),
};
