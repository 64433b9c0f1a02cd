import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { checkPipeline } from '../check/check.ts';
import { invalidPipeline } from '../definition/problem.ts';
import { definition } from '../lib/arguments.ts';
import { readDefinition } from '../lib/load.ts';
import { pipelinesService } from '../service.ts';
import { applySchedule, checkSchedule } from '../triggers/schedule.ts';

export const pipelineSave = defineTool({
  name: 'pipeline_save',
  title: 'Save a pipeline',
  description:
    'Checks a definition and keeps it under its name; a changed one becomes a new version, and runs keep the version they began with. ' +
    'Secrets, webhooks, and pipelines that a person saved are saved by a person with the CLI.',
  effect: 'write',
  openWorld: false,
  input: z.object({ definition }),
  output: z.object({
    name: z.string(),
    version: z.number().int(),
    changed: z.boolean().describe('False: it was saved like this before'),
  }),
  run: async ({ use, principal }, { definition: given }) => {
    const { definitions, surroundings, host } = await use(pipelinesService);
    const pipeline = readDefinition(given);
    const { problems } = checkPipeline(pipeline, surroundings);
    if (problems.length > 0) throw invalidPipeline(pipeline.name, problems);
    definitions.refuse(pipeline, principal);
    await checkSchedule(host.calls, pipeline, principal);
    const saved = await definitions.save(pipeline, principal, Date.now());
    await applySchedule(host.calls, pipeline, principal);
    return { name: pipeline.name, ...saved };
  },
  text: ({ name, version, changed }) =>
    `${name} ${changed ? 'is saved as' : 'was saved before as'} version ${version}. Run it: pipeline_run {"name":"${name}"}`,
});
