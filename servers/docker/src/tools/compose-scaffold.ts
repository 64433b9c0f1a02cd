import { defineTool, FlotillaError, HostAlias, isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { dryRun } from '../lib/compose/arguments.ts';
import { openNewProject } from '../lib/compose/open-project.ts';
import { sha256, validateInPlace } from '../lib/compose/replace-file.ts';
import { scaffold } from '../lib/compose/scaffold.ts';
import { scaffoldShape } from '../lib/compose/scaffold-input.ts';
import { withEngine } from '../lib/engine/index.ts';

export const composeScaffold = defineTool({
  name: 'compose_scaffold',
  title: 'Write a compose file',
  description:
    'A compose file from a description of services, with safe defaults: not root, no new privileges, limits, restart policy, log rotation, ports on 127.0.0.1 only. ' +
    'With alias and folder it is checked by docker compose there and written as compose.yaml, never over an existing one; without them it is only answered. ' +
    'Values of variables that look like secrets are left to the .env file. Example: project "shop", services [{"name": "web", "image": "nginx:1.27"}].',
  effect: { max: 'write', of: (input) => (input.alias === undefined || input.dryRun ? 'read' : 'write') },
  input: z.object({
    ...scaffoldShape,
    alias: HostAlias.optional().describe('Host to write it to; with folder'),
    folder: z
      .string()
      .regex(/^\/[^\0]*$/, 'an absolute path')
      .max(4096)
      .optional()
      .describe('Absolute folder on the host; made when it is missing'),
    dryRun,
  }),
  output: z.object({
    text: z.string(),
    variables: z.array(z.string()).describe('To be set in the .env file'),
    notes: z.array(z.string()),
    dryRun: z.boolean(),
    file: z.string().optional(),
    hash: z.string(),
  }),
  run: async (context, input) => {
    const { alias, folder } = input;
    if ((alias === undefined) !== (folder === undefined))
      throw new FlotillaError('INVALID_INPUT', 'To write it, give alias and folder.');
    const made = scaffold(input);
    const answer = { ...made, dryRun: input.dryRun || alias === undefined, hash: sha256(made.text) };
    if (alias === undefined || folder === undefined) return answer;
    const file = `${folder.replace(/\/+$/, '')}/compose.yaml`;
    await refuseExisting(context, alias, file);
    if (input.dryRun) return { ...answer, file };
    const files = await context.hosts.files(alias);
    await files.makeDirectories(folder);
    const project = await withEngine(context, alias, (engine) =>
      openNewProject(context, engine, alias, folder, file),
    );
    await validateInPlace(context, project, file, made.text, ' --no-interpolate');
    await files.write(file, Buffer.from(made.text), { signal: context.signal });
    return { ...answer, file };
  },
  text: ({ text, variables, notes, dryRun: planned, file }, { alias }) => {
    const where =
      file === undefined
        ? 'Not written anywhere.'
        : `${alias}:${file} ${planned ? 'would be' : 'was'} written.`;
    const missing = variables.length === 0 ? [] : [`Set in the .env file: ${variables.join(', ')}`];
    return [where, ...missing, ...notes.map((note) => `Note: ${note}`), text].join('\n');
  },
});

async function refuseExisting(context: ToolContext, alias: string, file: string): Promise<void> {
  const files = await context.hosts.files(alias);
  const found = await files.stat(file).catch((error: unknown) => {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  if (!found) return;
  throw new FlotillaError('ALREADY_EXISTS', 'There is a compose file already.', {
    details: { alias, file },
    hint: 'Change it with compose_edit.',
  });
}
