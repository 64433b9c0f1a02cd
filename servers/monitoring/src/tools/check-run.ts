import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { CheckName } from '../lib/checks/definition.ts';
import { vantagesText } from '../lib/checks/render.ts';
import { runCheck } from '../lib/checks/run-check.ts';
import { checks, eyes } from '../lib/checks/service.ts';
import { CheckResult, resultOf } from '../lib/checks/state.ts';

export const checkRun = defineTool({
  name: 'check_run',
  title: 'Run a check now',
  description:
    'Runs one check at once from all its vantage points and keeps the result like any other: what each of them saw, and whether the state changed.',
  effect: 'write',
  input: z.object({ name: CheckName }),
  output: z.object({ name: z.string(), changed: z.boolean(), result: CheckResult }),
  run: async (context, { name }) => {
    const [store, looking] = await Promise.all([context.use(checks), context.use(eyes)]);
    const { changed, ...result } = await runCheck(
      { eyes: looking, store, signal: context.signal },
      store.get(name),
    );
    return { name, changed, result: resultOf(result) };
  },
  text: ({ name, changed, result }) =>
    `${name} is ${result.status.toUpperCase()}${changed ? ' (changed)' : ''}${result.reason ? `: ${result.reason}` : ''}\n${vantagesText(result)}`,
});
