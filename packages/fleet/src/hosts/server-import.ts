import { type AnyTool, defineTool, FlotillaError, type ToolContext } from '@flotilla/core';
import {
  applyImport,
  type ImportPlan,
  type ImportReview,
  localFiles,
  planOrchestrator,
  planSshConfig,
  reviewImport,
} from '@flotilla/inventory';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import { type HostToolsDeps, isPerson } from './deps.ts';
import { privateKeyPath } from './key-path.ts';

const Remark = z.object({ where: z.string(), what: z.string(), suggestion: z.string().optional() });

const Input = z.object({
  source: z
    .enum(['ssh_config', 'orchestrator'])
    .describe(
      'ssh_config: ~/.ssh/config; orchestrator: servers.json and server_groups.json in the data folder',
    ),
  path: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Another ssh_config file, or another folder with servers.json; only a person may give it'),
  only: z
    .array(z.string().max(100))
    .min(1)
    .max(1_000)
    .optional()
    .describe('Take only these aliases, and the bastions they need'),
  dryRun: z.boolean().default(false).describe('true: only say what would be imported'),
});
type Input = z.infer<typeof Input>;

const Row = z.object({
  alias: z.string(),
  action: z.enum(['add', 'update', 'unchanged', 'refused']),
  fields: z.array(z.string()).describe('Fields that are set or change'),
  host: z.string(),
  port: z.number(),
  user: z.string(),
  keyPath: z.string().optional(),
  jump: z.string().optional(),
  dropped: z.array(z.string()).optional().describe('Secrets and pinned keys that the change would drop'),
  reason: z.string().optional(),
});

export function serverImport(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_import',
    title: 'Import hosts',
    description:
      'Registers the hosts of ~/.ssh/config, or those of the earlier orchestrator with its groups; with dryRun it only shows the plan. ' +
      'Nothing is executed or connected to: ProxyCommand and Match exec are left out and said. ' +
      'Known aliases that would mean another machine are refused, bad entries are reported, the rest is imported.',
    effect: { max: 'write', of: ({ dryRun }) => (dryRun ? 'read' : 'write') },
    openWorld: false,
    targets: ({ only }) => only,
    input: Input,
    output: z.object({
      dryRun: z.boolean(),
      source: z.string(),
      rows: z.array(Row),
      groups: z.array(z.object({ name: z.string(), added: z.array(z.string()) })),
      problems: z.array(Remark).describe('What is not imported'),
      warnings: z.array(Remark).describe('What is imported otherwise than written'),
    }),
    run: async (context, input) => {
      const plan = readPlan(deps, context, input);
      const options = { person: isPerson(context.principal), only: input.only };
      const review = input.dryRun
        ? reviewImport(deps.inventory, plan, options)
        : await applyImport(deps.inventory, plan, options);
      if (!input.dryRun)
        for (const { alias, action } of review.hosts) if (action === 'update') deps.links.drop(alias);
      const { hosts, ...rest } = review;
      return { dryRun: input.dryRun, ...rest, rows: hosts };
    },
    text: ({ rows, ...rest }) => importText({ ...rest, hosts: rows }, rest.dryRun),
  });
}

function readPlan(
  deps: HostToolsDeps,
  { principal, settings }: ToolContext,
  { source, path }: Input,
): ImportPlan {
  if (path !== undefined && !isPerson(principal)) {
    throw new FlotillaError('APPROVAL_REQUIRED', 'Only a person can import from another path.', {
      hint: `Nothing was read. A person runs it at a terminal: flotilla host import ${source} PATH`,
    });
  }
  const files = localFiles(deps.homedir, deps.localUser);
  const place = path === undefined ? undefined : privateKeyPath(path, deps.homedir);
  return source === 'ssh_config'
    ? planSshConfig(files, place)
    : planOrchestrator(files, place ?? settings.dataDir);
}

function importText(review: ImportReview, dryRun: boolean): string {
  const count = (action: string): number => review.hosts.filter((row) => row.action === action).length;
  const counts = (['add', 'update', 'unchanged', 'refused'] as const)
    .filter((action) => count(action) > 0)
    .map((action) => `${count(action)} ${WORDS[action]}`);
  const remark =
    (mark: string) =>
    (one: z.infer<typeof Remark>): string =>
      `${mark} ${one.where}: ${one.what}${one.suggestion === undefined ? '' : ` Possible: ${one.suggestion}`}`;
  return [
    `${dryRun ? 'Would import' : 'Imported'} from ${review.source}: ${counts.join(', ') || 'no host'}.`,
    ...(review.hosts.length === 0 ? [] : [hostTable(review)]),
    ...review.groups.map(
      ({ name, added }) => `group:${name}: ${added.length > 0 ? `+ ${added.join(', ')}` : 'unchanged'}`,
    ),
    ...review.problems.map(remark('problem')),
    ...review.warnings.map(remark('note')),
  ].join('\n');
}

const WORDS = { add: 'new', update: 'changed', unchanged: 'unchanged', refused: 'refused' };

const hostTable = (review: ImportReview): string =>
  textTable(
    ['alias', 'action', 'address', 'key', 'via', 'changes', 'reason'],
    review.hosts.map((row) => [
      row.alias,
      row.action,
      `${row.user}@${row.host}${row.port === 22 ? '' : `:${row.port}`}`,
      row.keyPath,
      row.jump,
      row.action === 'add' ? '' : row.fields.join(' '),
      row.reason,
    ]),
  );
