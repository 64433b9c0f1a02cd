import { defineTool, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { healthTimeout } from '../lib/arguments.ts';
import { projectArguments, projectText, services } from '../lib/compose/arguments.ts';
import { runningProject } from '../lib/compose/by-name.ts';
import { requireDone } from '../lib/compose/command-problem.ts';
import { gateProject } from '../lib/compose/gate-project.ts';
import { serviceWords } from '../lib/compose/open-project.ts';
import { withEngine } from '../lib/engine/index.ts';
import { GateReport, gateText } from '../lib/plan/change-report.ts';

export const composeRestart = defineTool({
  name: 'compose_restart',
  title: 'Restart a compose project',
  description:
    'Restarts the containers of a project, or of some of its services, and waits until they are healthy again. ' +
    'Changes of the compose file take no effect by this: use compose_up. Example: alias "web1", project "shop", services ["api"].',
  effect: 'write',
  input: z.object({
    ...projectArguments,
    services,
    timeout: z
      .number()
      .min(1)
      .max(3_600)
      .default(300)
      .describe('Seconds for the restart itself; default 300'),
    healthTimeout,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ alias: z.string(), project: z.string(), gate: GateReport }),
  isError: ({ gate }) => gate.verdict !== 'ready',
  job: {
    timeoutMs: 0,
    summary: (input) => `compose restart ${projectText(input)}`,
    locks: ({ alias }) => [`docker:${alias}`],
  },
  run: async (job, input) => {
    const { alias } = input;
    const { name, command } = await job.step.repeatable(
      'find',
      () =>
        withEngine(job, alias, async (engine) => {
          const project = await runningProject(job, engine, input);
          return { name: project.name, command: project.command(`restart${serviceWords(input.services)}`) };
        }),
      { alias },
    );
    const timeoutMs = input.timeout * 1000;
    const result = await job.step.command('restart', alias, { command, timeoutMs });
    requireDone(alias, 'docker compose restart', result, timeoutMs);
    const gate = await gateProject(
      job,
      { alias, project: name, timeoutMs: input.healthTimeout * 1000 },
      input.services,
    );
    return { alias, project: name, gate };
  },
  text: ({ alias, project, gate }) => `${alias}: ${project} was restarted.\n${gateText(gate)}`,
});
