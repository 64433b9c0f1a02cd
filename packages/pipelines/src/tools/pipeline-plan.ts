import { defineTool, fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { pipelineArguments } from '../lib/arguments.ts';
import { PlanShape, planText } from '../lib/plan-report.ts';
import { pipelinesService } from '../service.ts';

export const pipelinePlan = defineTool({
  name: 'pipeline_plan',
  title: 'Plan a pipeline',
  description:
    'Checks a saved pipeline, or one that is given whole, and says what a run would do: order, tools with their effect, hosts, arguments as far as they are known, approvals, and what can be undone. ' +
    'All problems come at once, each with its path. Changes nothing.',
  effect: 'read',
  input: z.object(pipelineArguments),
  output: z.object(PlanShape),
  isError: ({ valid }) => !valid,
  run: async ({ use, principal }, { name, version, definition, inputs, secretInputs }) => {
    const [{ definitions, surroundings }, { loadPipeline }, { planPipeline }, { awaitTools }] =
      await Promise.all([
        use(pipelinesService),
        import('../lib/load.ts'),
        import('../plan/plan.ts'),
        import('../check/await-tools.ts'),
      ]);
    const loaded = loadPipeline(definitions, { name, version, definition }, principal);
    await awaitTools(loaded.pipeline, surroundings);
    const plan = planPipeline(loaded.pipeline, { inputs, secretInputs }, surroundings);
    return { ...plan, ...(loaded.version !== undefined && { version: loaded.version }) } as never;
  },
  text: (plan) => fenceRemote(planText(plan), 'plan'),
});
