import { defineTool, fenceRemote, HostAlias } from '@flotilla/core';
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
    'Values that look like secrets are replaced by [hidden].',
  effect: 'read',
  input: z.object({ alias: HostAlias, container: containerName }),
  output: z.object({ alias: z.string(), ...InspectView.shape }),
  run: (context, { alias, container }) =>
    withEngine(context, alias, async (engine) => ({
      alias,
      ...inspectView(await inspectContainer(engine, container, context.signal)),
    })),
  text: (output) => fenceRemote(inspectText(output), `${output.alias}: container`),
});
