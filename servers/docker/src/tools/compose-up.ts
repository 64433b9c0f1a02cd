import { defineTool, fenceRemote, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { healthTimeout } from '../lib/arguments.ts';
import { appliedFiles } from '../lib/compose/applied-files.ts';
import { dryRun, projectArguments, projectText, services } from '../lib/compose/arguments.ts';
import { FileWayBack, hostOf, readFiles, wayBack, wayBackText } from '../lib/compose/file-way-back.ts';
import { MAX_TEXT_ROWS } from '../lib/compose/limits.ts';
import { driftSummary, renderDrift } from '../lib/compose/render-drift.ts';
import { upChange } from '../lib/compose/up-change.ts';
import { isUnchanged, planUp, UpPlan } from '../lib/compose/up-plan.ts';
import { withEngine } from '../lib/engine/index.ts';
import { carryOut } from '../lib/plan/carry-out.ts';
import { changeFailed, changeShape, changeText } from '../lib/plan/change-report.ts';
import { sealedStep } from '../lib/plan/sealed-step.ts';
import { cell } from '../lib/text.ts';

export const composeUp = defineTool({
  name: 'compose_up',
  title: 'Bring a compose project up',
  description:
    'Makes what runs match the compose file of a project, waits until every service is healthy, and brings back the containers and images that ran before when it does not get there. ' +
    'dryRun answers with the exact plan: what differs and what would be created, recreated or removed; call it first. ' +
    'Services without a health check count as ready after running for some seconds; one-off services that end with 0 are ready. ' +
    'Example: alias "web1", path "/srv/shop", dryRun true.',
  effect: {
    max: 'destroy',
    of: (input) => (input.dryRun ? 'read' : input.removeOrphans ? 'destroy' : 'write'),
  },
  input: z.object({
    ...projectArguments,
    services,
    dryRun,
    pull: z
      .enum(['always', 'missing', 'never'])
      .optional()
      .describe('Pull images; default that of the file, else missing'),
    build: z.boolean().default(false).describe('Build images first'),
    removeOrphans: z
      .boolean()
      .default(false)
      .describe('Remove containers of services that the file no longer has'),
    forceRecreate: z.boolean().default(false).describe('Recreate also what did not change'),
    timeout: z
      .number()
      .min(1)
      .max(86_400)
      .default(900)
      .describe('Seconds for docker compose up itself; default 900'),
    healthTimeout,
    restoreFile: z
      .boolean()
      .default(false)
      .describe('After a rollback put the compose file that was last applied in its place again, too'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    dryRun: z.boolean(),
    plan: UpPlan,
    ...changeShape,
    files: z
      .array(FileWayBack)
      .optional()
      .describe('After a rollback: each file that differs from what was last applied'),
    outcome: changeShape.outcome.optional().describe('Absent for a dry run'),
  }),
  isError: changeFailed,
  job: {
    timeoutMs: 0,
    summary: (input) => `compose up ${projectText(input)}`,
    locks: ({ alias }) => [`docker:${alias}`],
    inline: (input) => input.dryRun,
  },
  run: async (job, input) => {
    const { alias } = input;
    const look = () => withEngine(job, alias, (engine) => planUp(job, engine, input));
    if (input.dryRun) return { alias, dryRun: true, plan: (await look()).plan };
    const planned = await job.step.repeatable('plan', look, { alias });
    const { plan } = planned;
    if (isUnchanged(plan, input)) return { alias, dryRun: false, plan, outcome: 'unchanged' as const };
    const read = await sealedStep(job, 'files', alias, () => readFiles(job, alias, plan.files));
    const options = { alias, timeoutMs: input.timeout * 1000, gateMs: input.healthTimeout * 1000 };
    const report = await carryOut(job, upChange(job, planned, options));
    if (report.outcome === 'applied') {
      await (await job.use(appliedFiles)).save(hostOf(job, alias), read);
      return { alias, dryRun: false, plan, ...report };
    }
    const back = () => wayBack(job, alias, read, input.restoreFile);
    const files = await job.step.repeatable('file', back, { alias });
    return { alias, dryRun: false, plan, ...report, files };
  },
  text: ({ alias, plan, outcome, files = [], ...report }) => {
    const done = outcome === undefined ? 'plan, nothing was changed' : outcome;
    const failed = outcome === 'rolled_back' || outcome === 'rollback_failed';
    const lines = [
      `${alias}: ${plan.project}: ${done}`,
      ...(outcome === undefined ? [] : [changeText({ ...report, outcome })]),
      ...(failed && files.length === 0
        ? ['The compose file still says what failed: compose_diff shows it, compose_edit corrects it.']
        : wayBackText(files)),
      fenceRemote(planText(plan), `plan from ${plan.files.map((file) => cell(file)).join(', ')}`),
      ...(plan.warnings === undefined ? [] : [fenceRemote(plan.warnings, 'docker compose')]),
    ];
    return lines.filter((line) => line !== '').join('\n');
  },
});

function planText({ actions, services: rows, notes }: UpPlan): string {
  const shown = actions
    .slice(0, MAX_TEXT_ROWS)
    .map(({ action, kind, name }) => `  ${action} ${kind} ${cell(name)}`);
  return [
    `To do:${actions.length === 0 ? ' nothing' : ''}`,
    ...shown,
    ...(actions.length > shown.length ? [`  … ${actions.length - shown.length} more in the data`] : []),
    `File against what runs: ${driftSummary(rows)}`,
    renderDrift(rows),
    ...notes.map((note) => `Note: ${cell(note, 500)}`),
  ].join('\n');
}
