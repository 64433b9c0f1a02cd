import { defineTool, fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { PipelineName } from '../definition/name.ts';
import { pipelinesService } from '../service.ts';

export const pipelineShow = defineTool({
  name: 'pipeline_show',
  title: 'Show a saved pipeline',
  description: 'The whole definition of a saved pipeline as YAML, and its versions.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    name: PipelineName.describe('Name of the pipeline'),
    version: z.number().int().min(1).optional().describe('Default the newest'),
  }),
  output: z.object({
    name: z.string(),
    version: z.number().int(),
    definition: z.record(z.string(), z.unknown()),
    yaml: z.string(),
    versions: z.array(
      z.object({ version: z.number().int(), savedAt: z.string(), savedBy: z.string(), person: z.boolean() }),
    ),
  }),
  run: async ({ use }, { name, version }) => {
    const { definitions } = await use(pipelinesService);
    const { default: yaml } = await import('yaml');
    const found = definitions.get(name, version);
    const versions = definitions.versions(name).map(({ version: number, createdAt, createdBy, person }) => ({
      version: number,
      savedAt: new Date(createdAt).toISOString(),
      savedBy: createdBy,
      person,
    }));
    const definition = found.pipeline as unknown as Record<string, unknown>;
    return { name, version: found.version, definition, yaml: yaml.stringify(definition), versions };
  },
  text: ({ name, version, yaml, versions }) =>
    `${name} version ${version} of ${versions.length}\n${fenceRemote(yaml, 'definition')}`,
});
