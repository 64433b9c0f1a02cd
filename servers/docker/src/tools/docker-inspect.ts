import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { containerName } from '../lib/arguments.ts';
import { inspectContainer } from '../lib/containers/details.ts';
import { InspectView, inspectText, inspectView } from '../lib/containers/inspect-view.ts';
import { withEngine } from '../lib/engine/index.ts';

export const dockerInspect = defineTool({
  name: 'docker_inspect',
  title: 'Inspect a container',
  description:
    'Everything about one container that helps to run it: state and exit code, health with its last outputs, restarts, command, environment, mounts, ports, networks, limits and labels. ' +
    'Values that look like secrets are replaced by [hidden]. On many hosts it looks at the container of that name on each.',
  effect: 'read',
  input: z.object({ alias: HostTarget, container: containerName, ...fanOutArguments }),
  output: z.object({ rows: z.array(hostRowSchema({ container: InspectView })) }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await eachHost(context, input, (alias) =>
      withEngine(context, alias, async (engine) => ({
        container: inspectView(await inspectContainer(engine, input.container, context.signal)),
      })),
    ),
  }),
  text: ({ rows }) =>
    rowsText<{ container: InspectView }>(rows, ({ alias, container }) =>
      fenceRemote(inspectText(container), `${alias}: container`),
    ),
});
