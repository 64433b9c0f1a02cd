import { defineTool, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectPod } from '../lib/pods/pod.ts';
import { isoTime, shortId, shown, table } from '../lib/text.ts';

export const podInspect = defineTool({
  name: 'pod_inspect',
  title: 'Inspect a pod',
  description:
    'One Podman pod: state, age, shared namespaces, labels and its containers; docker_inspect takes the name of each of those.',
  effect: 'read',
  input: z.object({ alias: HostAlias, pod: objectName.describe('Name or id of the pod') }),
  output: z.object({
    alias: z.string(),
    name: z.string(),
    id: z.string(),
    state: z.string(),
    created: z.string().optional(),
    sharedNamespaces: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
    containers: z.array(z.object({ name: z.string(), id: z.string(), state: z.string() })),
  }),
  run: (context, { alias, pod }) =>
    withEngine(context, alias, async (engine) => {
      const found = await inspectPod(engine, pod, context.signal);
      const created = isoTime(found.Created);
      return shown({
        alias,
        name: found.Name,
        id: shortId(found.Id),
        state: found.State ?? '',
        ...(created && { created }),
        sharedNamespaces: found.SharedNamespaces ?? [],
        labels: hideInValue(found.Labels ?? {}) as Record<string, string>,
        containers: (found.Containers ?? []).map(({ Name, Id, State }) => ({
          name: Name ?? '',
          id: shortId(Id ?? ''),
          state: State ?? '',
        })),
      });
    }),
  text: ({ alias, name, state, containers }) =>
    `${alias}: pod ${JSON.stringify(name)} is ${state}\n${table(
      alias,
      ['container', 'id', 'state'],
      containers.map((one) => [one.name, one.id, one.state]),
    )}`,
});
