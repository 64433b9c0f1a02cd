import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  rowsText,
  type ToolContext,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { type ProjectInput, whichProject } from '../lib/compose/arguments.ts';
import { MAX_TEXT_ROWS } from '../lib/compose/limits.ts';
import { replicasOf } from '../lib/compose/model.ts';
import { modelNotes } from '../lib/compose/model-notes.ts';
import { openProject } from '../lib/compose/open-project.ts';
import { readModel } from '../lib/compose/read-model.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';

const Config = z.object({
  project: z.string(),
  folder: z.string(),
  files: z.array(z.string()),
  hashes: z.record(z.string(), z.string()).describe('Service → hash of its configuration'),
  model: z.record(z.string(), z.unknown()),
  notes: z.array(z.string()),
  warnings: z.string().optional().describe('What compose warned of'),
});
type Config = z.infer<typeof Config>;

const configOf = (
  context: Pick<ToolContext, 'hosts' | 'signal' | 'use'>,
  input: ProjectInput,
): Promise<Config> =>
  withEngine(context, input.alias, async (engine) => {
    const project = await openProject(context, engine, input);
    const { model, hashes, warnings } = await readModel(context, project);
    return {
      project: model.name,
      folder: project.folder,
      files: project.files,
      hashes: Object.fromEntries(hashes),
      model: hideInValue(model) as Record<string, unknown>,
      notes: modelNotes(model),
      ...(warnings !== '' && { warnings }),
    };
  });

function configText({ alias, project, files, model, notes, warnings }: Config & { alias: string }): string {
  const services = Object.entries((model['services'] ?? {}) as Parameters<typeof modelNotes>[0]['services']);
  const rows = services.slice(0, MAX_TEXT_ROWS).map(([name, service]) => {
    const ports = (service.ports ?? []).map(
      ({ host_ip: ip, published, target }) => `${ip ?? '*'}:${published ?? '?'}→${target}`,
    );
    return `${name} x${replicasOf(service)} ${service.image ?? 'built here'}${ports.length > 0 ? ` ports ${ports.join(', ')}` : ''}`;
  });
  return [
    `${alias}: ${project} is valid, ${services.length} services (${files.map(visibleControls).join(', ')})`,
    ...notes.slice(0, MAX_TEXT_ROWS).map((note) => `Note: ${visibleControls(note)}`),
    fenceRemote(rows.join('\n'), 'compose file'),
    ...(warnings === undefined ? [] : [fenceRemote(warnings, 'docker compose')]),
  ].join('\n');
}

export const composeConfig = defineTool({
  name: 'compose_config',
  title: 'Validate a compose project',
  description:
    'The compose file of a project as docker compose reads it on the host: merged, variables filled in, valid or not; values that look like secrets are hidden. ' +
    'Says also what to look at: ports open to every network, images without a fixed tag, missing health checks. ' +
    'compose_diff compares it with what runs. Example: alias "web1", path "/srv/shop".',
  effect: 'read',
  input: z.object({ alias: HostTarget, ...whichProject, ...fanOutArguments }),
  output: z.object({ rows: z.array(hostRowSchema(Config.shape)) }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await eachHost(context, input, (alias) => configOf(context, { ...input, alias })),
  }),
  text: ({ rows }) => rowsText<Config>(rows, configText),
});
