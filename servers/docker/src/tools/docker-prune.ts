import {
  defineTool,
  FlotillaError,
  fenceRemote,
  formatBytes,
  HostAlias,
  idempotencyKeyArgument,
} from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { dryRun } from '../lib/compose/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { readFacts } from '../lib/prune/facts.ts';
import { KINDS, Protected, PruneItem, prunePlan, requireSame } from '../lib/prune/prune-plan.ts';
import { NotRemoved, removeItems } from '../lib/prune/remove-items.ts';
import { cell } from '../lib/text.ts';

const MAX_KEPT = 500;
const MAX_ROWS = 80;

export const dockerPrune = defineTool({
  name: 'docker_prune',
  title: 'Remove what is unused',
  description:
    'Stopped containers, images without a tag, unused networks and build cache: with dryRun the exact list with sizes and a token, with that token exactly that list is removed, one by one, or nothing when it has changed. ' +
    'Volumes never, unless each is named; also never what a rollback needs, what has the label flotilla.protect, what any container uses, and what belongs to a compose project whose file is there. ' +
    'Call it with dryRun first, and show the list. ' +
    'Example: alias "web1", dryRun true, minAgeHours 168.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    dryRun,
    token: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'the token of a plan')
      .optional()
      .describe('Token of the plan to carry out, from a call with dryRun and otherwise the same arguments'),
    kinds: z
      .array(z.enum(['container', 'image', 'network', 'cache']))
      .min(1)
      .default(['container', 'image', 'network', 'cache'])
      .describe('What to look for; default all'),
    minAgeHours: z
      .number()
      .min(0)
      .max(87_600)
      .default(24)
      .describe('Only what ended, was made or used longer ago; default 24'),
    unusedImages: z.boolean().default(false).describe('Also images with a tag that no container uses'),
    keepRollback: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Keep so many rollback images of each container and let older ones go; default all are kept'),
    volumes: z
      .array(objectName)
      .max(100)
      .default([])
      .describe('Volumes to remove with their data, each by its name'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    dryRun: z.boolean(),
    token: z.string(),
    items: z.array(PruneItem),
    bytes: z.number().describe('Of all items'),
    kept: z.array(Protected).describe('What is left alone, and why; at most 500'),
    removed: z.number().optional(),
    freedBytes: z.number().optional(),
    failed: z.array(NotRemoved).optional(),
  }),
  isError: ({ failed = [] }) => failed.length > 0,
  job: {
    timeoutMs: 0,
    summary: ({ alias, kinds, volumes }) => `prune ${alias}: ${[...kinds, ...volumes].join(', ')}`,
    locks: ({ alias }) => [`docker:${alias}`],
    inline: (input) => input.dryRun,
  },
  run: async (job, input) => {
    const { alias, token } = input;
    const look = (before: number) =>
      withEngine(job, alias, async (engine) => prunePlan(await readFacts(job, engine), { ...input, before }));
    const ageMs = input.minAgeHours * 3_600_000;
    if (input.dryRun) return { alias, dryRun: true, ...answer(await look(Date.now() - ageMs)) };
    if (token === undefined)
      throw new FlotillaError('INVALID_INPUT', 'A prune needs the token of its plan.', {
        hint: 'Call it with dryRun: true first, look at the list, then call it with that token.',
      });
    const plan = await job.step.repeatable(
      'plan',
      async () => {
        const now = await look(Date.now() - ageMs);
        requireSame(now, token, alias);
        return now;
      },
      { alias },
    );
    const done = await job.step.repeatable(
      'remove',
      (context) => withEngine(job, alias, (engine) => removeItems(engine, plan.items, context)),
      { alias },
    );
    return {
      alias,
      dryRun: false,
      ...answer(plan),
      removed: done.removed,
      freedBytes: done.bytes,
      failed: done.failed,
    };
  },
  text: ({ alias, dryRun: planned, token, items, bytes, kept, removed, freedBytes, failed = [] }) => {
    const head = planned
      ? `${alias}: ${items.length} objects, ${formatBytes(bytes)}, would be removed. Token: ${token}`
      : `${alias}: ${removed} of ${items.length} objects removed, ${formatBytes(freedBytes ?? 0)} freed.`;
    const counts = KINDS.map((kind) => [kind, items.filter((item) => item.kind === kind)] as const)
      .filter(([, own]) => own.length > 0)
      .map(
        ([kind, own]) =>
          `${own.length} ${kind} ${formatBytes(own.reduce((sum, item) => sum + item.bytes, 0))}`,
      );
    const rows = items
      .slice(0, MAX_ROWS)
      .map((item) => `${item.kind} ${cell(item.name)} ${formatBytes(item.bytes)} ${item.reason}`);
    const more = items.length > MAX_ROWS ? [`… ${items.length - MAX_ROWS} more in the data`] : [];
    const reasons = new Map<string, string[]>();
    for (const one of kept)
      reasons.set(one.reason, [...(reasons.get(one.reason) ?? []), `${one.kind} ${cell(one.name, 60)}`]);
    const left = [...reasons].map(
      ([reason, names]) =>
        `${names.length} kept, ${reason}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`,
    );
    const problems = failed
      .slice(0, 20)
      .map(({ name, code, remote }) => `NOT REMOVED ${cell(name)}: ${code} ${cell(remote ?? '', 200)}`);
    return [
      head,
      ...counts.map((line) => `  ${line}`),
      ...(problems.length > 0 ? [fenceRemote(problems.join('\n'), 'engine')] : []),
      ...(rows.length > 0 ? [fenceRemote([...rows, ...more].join('\n'), 'objects')] : []),
      ...(left.length > 0 ? [fenceRemote(left.join('\n'), 'kept')] : []),
    ].join('\n');
  },
});

const answer = ({ token, items, kept }: ReturnType<typeof prunePlan>) => ({
  token,
  items,
  bytes: items.reduce((sum, item) => sum + item.bytes, 0),
  kept: kept.slice(0, MAX_KEPT),
});
