import { defineTool, HostAlias, type InlineTool } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../arguments.ts';
import { withEngine } from '../engine/index.ts';
import { shown } from '../text.ts';
import { inspectPod, podPath } from './pod.ts';

const input = z.object({ alias: HostAlias, pod: objectName.describe('Name or id of the pod') });
const Changed = z.object({
  alias: z.string(),
  pod: z.string(),
  before: z.string(),
  after: z.string(),
  containers: z.array(z.object({ name: z.string(), state: z.string() })),
});

/** pod_start and pod_stop differ in words and one path alone. */
export function podTool(
  action: 'start' | 'stop',
  words: { title: string; description: string },
): InlineTool<typeof input, typeof Changed> {
  const isDone = (state: string): boolean =>
    action === 'start' ? /^(?:running|degraded)$/i.test(state) : !/^running$/i.test(state);
  return defineTool({
    name: `pod_${action}`,
    ...words,
    effect: 'write',
    input,
    output: Changed,
    isError: ({ after }: z.output<typeof Changed>) => !isDone(after),
    run: (context, { alias, pod }) =>
      withEngine(context, alias, async (engine) => {
        const { signal } = context;
        const before = await inspectPod(engine, pod, signal);
        await engine.send(podPath(before.Id, `/${action}`), { method: 'POST', timeoutMs: 120_000, signal });
        const after = await inspectPod(engine, before.Id, signal);
        return shown({
          alias,
          pod: after.Name,
          before: before.State ?? '',
          after: after.State ?? '',
          containers: (after.Containers ?? []).map(({ Name, State }) => ({
            name: Name ?? '',
            state: State ?? '',
          })),
        });
      }),
    text: ({ alias, pod, before, after, containers }: z.output<typeof Changed>) =>
      `${alias}: pod ${JSON.stringify(pod)} was ${before}, is ${after}: ${containers.length} containers.`,
  });
}
