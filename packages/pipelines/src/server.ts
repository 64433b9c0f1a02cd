import { defineServer } from '@flotilla/core';
import { pipelinesSchema } from './store/schema.ts';
import { pipelineList } from './tools/pipeline-list.ts';
import { pipelinePlan } from './tools/pipeline-plan.ts';
import { pipelineRemove } from './tools/pipeline-remove.ts';
import { pipelineRun } from './tools/pipeline-run.ts';
import { pipelineSave } from './tools/pipeline-save.ts';
import { pipelineShow } from './tools/pipeline-show.ts';
import { webhooks } from './triggers/hook.ts';

export const pipelines = defineServer({
  name: 'pipelines',
  title: 'Pipelines',
  instructions:
    'Runs steps of other tools as one durable run: order by "needs", conditions, retries, forEach over hosts in batches, locks, approvals by a person, and "undo" that takes back in reverse what succeeded when a later step fails. ' +
    `A definition is YAML or JSON: name, inputs, steps [{key, tool, with, needs}]; \${{ steps.build.output.x }} in "with" passes values on, in shell text as one quoted word. ` +
    'Begin with pipeline_plan: it checks everything and changes nothing. pipeline_run then answers with a run id for task_wait.',
  tools: [pipelinePlan, pipelineRun, pipelineList, pipelineShow, pipelineSave, pipelineRemove],
  schema: pipelinesSchema,
  hooks: [webhooks],
});
