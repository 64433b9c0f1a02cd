import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectPod } from '../lib/pods/pod.ts';
import { cell, isoTime, shortId, shown, table } from '../lib/text.ts';

const Pod = z.object({
  name: z.string(),
  id: z.string(),
  state: z.string(),
  created: z.string().optional(),
  sharedNamespaces: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  containers: z.array(z.object({ name: z.string(), id: z.string(), state: z.string() })),
});

export const podInspect = defineTool({
  name: 'pod_inspect',
  title: 'Inspect a pod',
  description:
    'One Podman pod: state, age, shared namespaces, labels and its containers; docker_inspect takes the name of each of those.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    pod: objectName.describe('Name or id of the pod'),
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema({ pod: Pod })) }),
  isError: anyHostFailed,
  run: async (context, { pod, ...target }) => ({
    rows: await eachHost(context, target, (alias) =>
      withEngine(context, alias, async (engine) => {
        const found = await inspectPod(engine, pod, context.signal);
        const created = isoTime(found.Created);
        return {
          pod: shown({
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
          }),
        };
      }),
    ),
  }),
  text: ({ rows }, { pod: wanted }) =>
    rowsText<{ pod: z.infer<typeof Pod> }>(
      rows,
      ({ alias, pod: { state, containers } }) =>
        `${alias}: pod ${wanted} is ${cell(state, 20)}\n${table(
          alias,
          ['container', 'id', 'state'],
          containers.map((one) => [one.name, one.id, one.state]),
        )}`,
    ),
});
