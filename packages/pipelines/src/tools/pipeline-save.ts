import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { definition } from '../lib/arguments.ts';
import { pipelinesService } from '../service.ts';

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
    const { savePipeline } = await import('../lib/save.ts');
    return savePipeline(await use(pipelinesService), given, principal);
  },
  text: ({ name, version, changed }) =>
    `${name} ${changed ? 'is saved as' : 'was saved before as'} version ${version}. Run it: pipeline_run {"name":"${name}"}`,
});
