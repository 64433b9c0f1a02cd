import { defineTool, FlotillaError, fenceRemote, secret, unifiedDiff } from '@flotilla/core';
import { z } from 'zod';
import { dryRun, projectArguments } from '../lib/compose/arguments.ts';
import { editDocument, keyPath } from '../lib/compose/edit-document.ts';
import { hideInYaml } from '../lib/compose/hide-in-yaml.ts';
import { openProject, type Project } from '../lib/compose/open-project.ts';
import {
  changedMeanwhile,
  readComposeFile,
  replaceFile,
  sha256,
  validateInPlace,
} from '../lib/compose/replace-file.ts';
import { withEngine } from '../lib/engine/index.ts';

const Key = z.union([
  z.string().min(1).max(1_000),
  z
    .array(z.union([z.string().min(1).max(500), z.number().int().min(0)]))
    .min(1)
    .max(30),
]);
const KEY_HELP =
  'Key path: "services.web.image", or an array for keys with a dot; numbers and names of list entries count';

const Value = z.union([
  z.string().max(100_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.unknown()).max(1_000),
  z.record(z.string(), z.unknown()),
]);

export const composeEdit = defineTool({
  name: 'compose_edit',
  title: 'Edit a compose file',
  description:
    'Sets or removes keys of a compose file on the host; comments, order and everything else stay as they are. ' +
    'docker compose has to accept the result before it replaces the file at once, the old one is kept beside it, and the answer is the diff. ' +
    'What runs is not touched: compose_up applies it; secrets belong in the .env file. ' +
    'Example: set [{"path": "services.web.image", "value": "nginx:1.27"}].',
  effect: { max: 'write', of: (input) => (input.dryRun ? 'read' : 'write') },
  input: z.object({
    ...projectArguments,
    file: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Which of several files, by name or path; default the first'),
    set: secret(
      z
        .array(z.strictObject({ path: Key.describe(KEY_HELP), value: Value.describe('New value') }))
        .max(100)
        .default([])
        .describe('Keys to set; missing parents are made'),
    ),
    remove: z.array(Key).max(100).default([]).describe(`Keys to remove. ${KEY_HELP}`),
    expectedHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex')
      .optional()
      .describe('Only edit when the file has this SHA-256 now, as an earlier answer gave it'),
    dryRun,
  }),
  output: z.object({
    alias: z.string(),
    file: z.string(),
    dryRun: z.boolean(),
    changed: z.boolean(),
    reformatted: z.boolean().describe('Lines that were not named were laid out anew as well'),
    hashBefore: z.string(),
    hashAfter: z.string(),
    backup: z.string().optional(),
    diff: z.string(),
  }),
  run: async (context, input) => {
    if (input.set.length + input.remove.length === 0)
      throw new FlotillaError('INVALID_INPUT', 'Say what to set or to remove.');
    const { alias } = input;
    const project = await withEngine(context, alias, (engine) => openProject(context, engine, input));
    const file = fileOf(project, input.file);
    const before = await readComposeFile(context, alias, file);
    const hashBefore = sha256(before);
    if (input.expectedHash !== undefined && input.expectedHash !== hashBefore)
      throw changedMeanwhile(alias, file, hashBefore);
    const edits = {
      set: input.set.map(({ path, value }) => ({ path: keyPath(path), value })),
      remove: input.remove.map(keyPath),
    };
    const { text, reformatted } = editDocument(before, edits);
    const changed = text !== before;
    if (changed) await validateInPlace(context, project, file, text);
    const backup =
      changed && !input.dryRun ? await replaceFile(context, alias, file, { before, text }) : undefined;
    return {
      alias,
      file,
      dryRun: input.dryRun,
      changed,
      reformatted: changed && reformatted,
      hashBefore,
      hashAfter: sha256(text),
      ...(backup !== undefined && { backup }),
      diff: hideInYaml(unifiedDiff(before, text, file)),
    };
  },
  text: ({ alias, file, dryRun: planned, changed, reformatted, hashBefore, backup, diff }) => {
    if (!changed) return `${alias}:${file} holds this already (hash ${hashBefore}).`;
    const done = planned
      ? `would be changed (expectedHash ${hashBefore})`
      : `was changed; old file: ${backup}`;
    const layout = reformatted ? '\nNote: lines beside the named keys are laid out anew, too.' : '';
    return `${alias}:${file} ${done}. docker compose accepts it; compose_up applies it.${layout}\n${fenceRemote(diff, 'diff')}`;
  },
});

function fileOf({ alias, files }: Project, wanted: string | undefined): string {
  const found =
    wanted === undefined ? files[0] : files.find((file) => file === wanted || file.endsWith(`/${wanted}`));
  if (found !== undefined) return found;
  throw new FlotillaError('NOT_FOUND', 'The project has no such file.', { details: { alias, files } });
}
