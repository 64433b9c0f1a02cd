import { z } from 'zod';

const Call = {
  tool: z.string(),
  server: z.string().optional(),
  effect: z.enum(['read', 'write', 'destroy']).optional().describe('At most, while arguments are not known'),
  job: z.boolean().optional().describe('A durable run of its own'),
  hosts: z.array(z.string()).optional().describe('As far as they are known'),
  arguments: z
    .record(z.string(), z.unknown())
    .describe('As far as they are known; the rest as it is written'),
};

const PlanStep = z.object({
  key: z.string(),
  title: z.string().optional(),
  ...Call,
  needs: z.array(z.string()),
  when: z.string(),
  forEach: z
    .object({
      over: z.union([z.string(), z.array(z.unknown())]),
      batches: z.array(z.array(z.unknown())).optional(),
      maxParallel: z.number(),
      stopAfterFailures: z.number().optional(),
    })
    .optional(),
  lock: z.string().optional(),
  approval: z.object({ prompt: z.string(), expiresSeconds: z.number() }).optional(),
  undo: z.object(Call).optional(),
  onFailure: z.enum(['undo', 'stop', 'continue']),
});

export const PlanShape = {
  name: z.string(),
  version: z.number().int().optional(),
  valid: z.boolean(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  levels: z.array(z.array(z.string())).describe('Steps that may run at the same time, in order'),
  steps: z.array(PlanStep),
  approvals: z.array(z.string()).describe('Steps that wait for a person'),
  notUndone: z
    .array(z.string())
    .describe('Steps with effects that nothing brings back when a later one fails'),
};
const Shape = z.object(PlanShape);
export type PlanReport = z.output<typeof Shape>;

/** The finding first, then the steps in order. */
export function planText({ name, version, valid, problems, levels, steps, notUndone }: PlanReport): string {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const lines = levels.flatMap((level, index) =>
    level.flatMap((key) => {
      const step = byKey.get(key);
      return step ? stepLines(step, index + 1) : [];
    }),
  );
  const title = version === undefined ? name : `${name} version ${version}`;
  const head = valid
    ? `${title} is valid: ${steps.length} step${steps.length === 1 ? '' : 's'} in ${levels.length} level${levels.length === 1 ? '' : 's'}.`
    : `${title} has ${problems.length} problem${problems.length === 1 ? '' : 's'} and would not run:`;
  return [
    head,
    ...problems.map(({ path, message }) => `  ${path}: ${message}`),
    ...lines,
    ...(notUndone.length > 0 ? [`Not undone when a later step fails: ${notUndone.join(', ')}`] : []),
  ].join('\n');
}

function stepLines(step: PlanReport['steps'][number], level: number): string[] {
  const { key, tool, effect, hosts, needs, when, forEach, lock, approval, undo, onFailure } = step;
  const facts = [
    hosts && hosts.length > 0
      ? `on ${hosts.slice(0, 10).join(', ')}${hosts.length > 10 ? ` +${hosts.length - 10}` : ''}`
      : '',
    needs.length > 0 ? `after ${needs.join(', ')}` : '',
    when === 'success' ? '' : `when ${when}`,
    forEach ? forEachText(forEach) : '',
    lock === undefined ? '' : `lock ${lock}`,
    approval ? `waits for approval: ${approval.prompt}` : '',
    undo ? `undo: ${undo.tool} ${JSON.stringify(undo.arguments)}` : '',
    onFailure === 'undo' ? '' : `on failure ${onFailure}`,
  ].filter((fact) => fact !== '');
  return [
    `${level}. ${key}: ${tool} (${effect ?? 'unknown tool'}) ${JSON.stringify(step.arguments)}`,
    ...facts.map((fact) => `     ${fact}`),
  ];
}

function forEachText({
  over,
  batches,
  maxParallel,
  stopAfterFailures,
}: NonNullable<PlanReport['steps'][number]['forEach']>): string {
  const what = batches
    ? `batches ${batches.map((batch) => `[${batch.map(String).join(', ')}]`).join(' ')}`
    : String(over);
  const stop = stopAfterFailures === undefined ? '' : `, stops after ${stopAfterFailures} failed`;
  return `for each of ${what}, ${maxParallel} at a time${stop}`;
}
