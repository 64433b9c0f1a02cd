import { defineTool, fenceRemote, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import { pipelinesService } from '../service.ts';

const Row = z.object({
  name: z.string(),
  version: z.number().int(),
  description: z.string().optional(),
  steps: z.number().int(),
  inputs: z.array(z.string()).describe('Those that are required end with *'),
  secrets: z.array(z.string()).describe('Names alone'),
  triggers: z.array(z.string()),
  savedAt: z.string(),
  savedBy: z.string(),
});

export const pipelineList = defineTool({
  name: 'pipeline_list',
  title: 'List saved pipelines',
  description:
    'Lists the saved pipelines with their inputs and triggers. pipeline_show has the whole definition of one, pipeline_run starts it.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    search: z.string().max(100).optional().describe('Only those whose name or description holds this text'),
  }),
  output: z.object({ rows: z.array(Row) }),
  run: async ({ use }, { search = '' }) => {
    const { definitions } = await use(pipelinesService);
    const word = search.toLowerCase();
    const rows = definitions.list().map(({ pipeline, version, createdAt, createdBy }) => ({
      name: pipeline.name,
      version,
      ...(pipeline.description !== undefined && { description: pipeline.description }),
      steps: pipeline.steps.length,
      inputs: Object.entries(pipeline.inputs).map(([name, { required }]) => `${name}${required ? '*' : ''}`),
      secrets: pipeline.secrets,
      triggers: Object.entries(pipeline.triggers ?? {}).flatMap(([name, value]) => (value ? [name] : [])),
      savedAt: new Date(createdAt).toISOString(),
      savedBy: createdBy,
    }));
    return {
      rows: rows.filter((row) => `${row.name}\n${row.description ?? ''}`.toLowerCase().includes(word)),
    };
  },
  text: ({ rows }) => {
    if (rows.length === 0) return 'There is no such pipeline. pipeline_save keeps one.';
    const lines = rows.map(({ name, version, steps, inputs, triggers, description = '' }) => {
      const facts = [
        `${steps} steps`,
        inputs.length > 0 ? `inputs ${inputs.join(', ')}` : '',
        triggers.join(', '),
      ];
      return `${name} v${version}: ${facts.filter((fact) => fact !== '').join('; ')}  ${visibleControls(description)}`;
    });
    return fenceRemote(lines.join('\n'), 'saved pipelines');
  },
});
