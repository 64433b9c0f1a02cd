import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { PipelineName } from '../definition/name.ts';
import { pipelinesService } from '../service.ts';
import { removeSchedule } from '../triggers/schedule.ts';

export const pipelineRemove = defineTool({
  name: 'pipeline_remove',
  title: 'Remove a saved pipeline',
  description:
    'Forgets a saved pipeline with all its versions. Runs of it go on and keep their definition. One that a person saved is removed by a person.',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ name: PipelineName.describe('Name of the pipeline') }),
  output: z.object({ name: z.string(), versions: z.number().int() }),
  run: async ({ use, principal }, { name }) => {
    const { definitions, host } = await use(pipelinesService);
    const versions = await definitions.remove(name, principal);
    await removeSchedule(host.calls, name, principal);
    return { name, versions };
  },
  text: ({ name, versions }) => `${name} is removed with ${versions} version${versions === 1 ? '' : 's'}.`,
});
