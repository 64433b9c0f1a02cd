import { z } from 'zod';
import { defineEngineRead } from '../lib/engine-read.ts';
import { listPods } from '../lib/pods/pod.ts';
import { shortId, shown, table } from '../lib/text.ts';

const Pod = z.object({
  name: z.string(),
  id: z.string(),
  status: z.string(),
  containers: z.array(z.object({ name: z.string(), status: z.string() })),
});

export const podList = defineEngineRead({
  name: 'pod_list',
  title: 'List pods',
  description:
    'Pods of Podman on one host or many, each with its containers and their state. Docker has no pods: use compose_list there.',
  input: {},
  row: { pods: z.array(Pod) },
  look: async (engine, _, context) => ({
    pods: (await listPods(engine, context.signal)).map((pod) =>
      shown({
        name: pod.Name,
        id: shortId(pod.Id),
        status: pod.Status ?? '',
        containers: (pod.Containers ?? []).map(({ Names, Status }) => ({
          name: Names ?? '',
          status: Status ?? '',
        })),
      }),
    ),
  }),
  text: (row) => {
    const head = `${row.alias}: ${row.pods.length} pods`;
    if (row.pods.length === 0) return head;
    const lines = row.pods.map((pod) => [
      pod.name,
      pod.status,
      pod.containers.map(({ name, status }) => `${name} ${status}`).join(', '),
    ]);
    return `${head}\n${table(row.alias, ['pod', 'status', 'containers'], lines)}`;
  },
});
