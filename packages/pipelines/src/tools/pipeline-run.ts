import { defineTool, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { pipelineArguments } from '../lib/arguments.ts';
import { RunReport, reportText, runReport } from '../lib/run-report.ts';
import { pipelinesService } from '../service.ts';

export const pipelineRun = defineTool({
  name: 'pipeline_run',
  title: 'Run a pipeline',
  description:
    'Runs a saved pipeline, or one that is given whole, as one durable run whose steps are calls of other tools; a failure undoes what succeeded, in reverse. ' +
    'Everything is checked before anything runs: call pipeline_plan first to see what would happen. ' +
    'It answers with a run id for task_wait and task_status; a step with an approval waits for a person.',
  effect: 'destroy',
  input: z.object({
    ...pipelineArguments,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object(RunReport),
  isError: ({ state }) => state !== 'succeeded',
  job: {
    timeoutMs: 0,
    // Long enough for what is wrong with a definition to be the answer.
    waitMs: 3_000,
    summary: ({ name, version, definition }) =>
      `pipeline ${name ?? nameIn(definition)}${version ? ` v${version}` : ''}`,
  },
  run: async (job, { name, version, definition, inputs, secretInputs }) => {
    const [service, { loadPipeline }, { runPipeline }, { Pipeline }] = await Promise.all([
      job.use(pipelinesService),
      import('../lib/load.ts'),
      import('../run/run-pipeline.ts'),
      import('../definition/schema.ts'),
    ]);
    // The definition that this run keeps, whatever is saved meanwhile.
    const loaded = await job.step.repeatable('definition', async () =>
      loadPipeline(service.definitions, { name, version, definition }, job.principal),
    );
    const pipeline = Pipeline.parse(loaded.pipeline);
    const end = await runPipeline(job, service, pipeline, { inputs, secretInputs });
    return runReport(pipeline.name, loaded.version, end);
  },
  text: reportText,
});

function nameIn(definition: unknown): string {
  const named = (definition as { name?: unknown } | undefined)?.name;
  const text = typeof definition === 'string' ? /^name:\s*["']?([\w.-]{1,63})/m.exec(definition)?.[1] : named;
  return typeof text === 'string' && /^[\w.-]{1,63}$/.test(text) ? text : '(given whole)';
}
