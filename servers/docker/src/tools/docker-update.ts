import { defineTool, FlotillaError, formatBytes, HostAlias, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { containerName } from '../lib/arguments.ts';
import { dryRun } from '../lib/compose/arguments.ts';
import { LABEL } from '../lib/compose/labels.ts';
import { type Engine, withEngine } from '../lib/engine/index.ts';
import { needContainer } from '../lib/update/containers.ts';
import { type ContainerInspect, nameOf } from '../lib/update/inspected.ts';
import { changedLimits, Limits, limitsOf, memoryBytes } from '../lib/update/limits.ts';
import { memoryInUse } from '../lib/update/memory-in-use.ts';

export const dockerUpdate = defineTool({
  name: 'docker_update',
  title: 'Change limits of a container',
  description:
    'Changes memory, CPU and process limits and the restart policy of a container while it runs; it is not restarted. ' +
    'Answers with the values before and after; dryRun changes nothing. ' +
    'A limit below what the container uses now is refused, and a memory or CPU limit can be changed here but not taken away. ' +
    'Example: alias "web1", container "api", memory "512m", cpus 1.5.',
  effect: { max: 'write', of: (input) => (input.dryRun ? 'read' : 'write') },
  input: z.object({
    alias: HostAlias,
    container: containerName,
    memory: z
      .string()
      .regex(/^\d{1,15}(?:\.\d{1,3})?[bkmgtBKMGT]?$/, 'a size, e.g. 512m')
      .optional()
      .describe('Memory limit, e.g. 512m or 1.5g'),
    cpus: z.number().min(0.01).max(1_024).optional().describe('CPU limit in cores, e.g. 1.5'),
    pids: z
      .number()
      .int()
      .min(-1)
      .max(4_194_304)
      .optional()
      .describe('Processes at most; -1 = without limit'),
    restart: z.enum(['no', 'always', 'unless-stopped', 'on-failure']).optional().describe('Restart policy'),
    restartRetries: z
      .number()
      .int()
      .min(0)
      .max(1_000)
      .optional()
      .describe('Attempts, for on-failure; 0 = always'),
    dryRun,
  }),
  output: z.object({
    alias: z.string(),
    container: z.string(),
    dryRun: z.boolean(),
    before: Limits,
    after: Limits,
    memoryInUseBytes: z.number().optional(),
    notes: z.array(z.string()),
  }),
  run: async (context, input) =>
    withEngine(context, input.alias, async (engine) => {
      const { alias, memory, cpus, pids, restart, restartRetries } = input;
      if ([memory, cpus, pids, restart].every((value) => value === undefined))
        throw new FlotillaError('INVALID_INPUT', 'Say what to change: memory, cpus, pids or restart.');
      const container = await needContainer(engine, input.container, context.signal);
      const before = limitsOf(container);
      const bytes = memory === undefined ? undefined : memoryBytes(memory);
      const planned = changedLimits(before, { memory: bytes, cpus, pids, restart, restartRetries });
      const used = await usage(context, engine, container, bytes);
      const facts = {
        alias,
        container: nameOf(container),
        dryRun: input.dryRun,
        before,
        ...(used !== undefined && { memoryInUseBytes: used }),
        notes: notes(container),
      };
      if (input.dryRun) return { ...facts, after: planned.after };
      const path = `/containers/${container.Id}/update`;
      await engine.send(path, { method: 'POST', body: planned.body, signal: context.signal });
      return { ...facts, after: limitsOf(await needContainer(engine, container.Id, context.signal)) };
    }),
  text: ({ alias, container, dryRun: planned, before, after, memoryInUseBytes, notes: hints }) => {
    const changes = Object.keys(SHOWN)
      .map((key) => [key, shown(before, key), shown(after, key)])
      .filter(([, old, now]) => old !== now)
      .map(([key, old, now]) => `  ${key}: ${old} → ${now}`);
    const head = `${alias}: ${container} ${planned ? 'would be changed' : 'was changed'}`;
    const used =
      memoryInUseBytes === undefined ? [] : [`  uses ${formatBytes(memoryInUseBytes)} of memory now`];
    const list = changes.length === 0 ? ['  nothing differs'] : changes;
    return [`${head}:`, ...list, ...used, ...hints.map((note) => `Note: ${note}`)].join('\n');
  },
});

const SHOWN: Record<string, (limits: Limits) => string> = {
  memory: ({ memoryBytes: bytes }) => (bytes === null ? 'none' : formatBytes(bytes)),
  cpus: ({ cpus }) => (cpus === null ? 'none' : String(cpus)),
  pids: ({ pids }) => (pids === null ? 'none' : String(pids)),
  restart: ({ restart, restartRetries }) => `${restart}${restartRetries ? ` (${restartRetries})` : ''}`,
};
const shown = (limits: Limits, key: string): string => SHOWN[key]?.(limits) ?? '';

async function usage(
  context: ToolContext,
  engine: Engine,
  { Id, State }: ContainerInspect,
  limit: number | undefined,
): Promise<number | undefined> {
  if (limit === undefined || !State.Running) return undefined;
  const used = await memoryInUse(engine, Id, context.signal);
  if (used === undefined || used <= limit) return used;
  throw new FlotillaError('CONFLICT', 'The container uses more memory than that now.', {
    details: { alias: engine.alias, usedBytes: used, limitBytes: limit },
    hint: 'Take a higher limit, or restart it first.',
  });
}

function notes({ Config }: ContainerInspect): string[] {
  const service = Config.Labels?.[LABEL.service];
  if (service === undefined) return [];
  return [
    'compose manages this container: its next recreation takes the limits of the file again. compose_edit keeps the change: services.<service>.deploy.resources.limits',
  ];
}
