import { FlotillaError, type ToolContext } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import type { ContainerSummary } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import type { ProjectInput } from './arguments.ts';
import { composeClis, composeWords } from './compose-clis.ts';
import { openProject } from './open-project.ts';
import { composeContainers } from './project-containers.ts';
import { readModel } from './read-model.ts';

/** A project that runs already, for what needs no file: its name, its containers, and compose called by that name. */
export interface RunningProject {
  name: string;
  containers: ContainerSummary[];
  command(args: string): string;
}

/** By name, or by the name that its file gives. NOT_FOUND when it has no containers. */
export async function runningProject(
  context: Pick<ToolContext, 'hosts' | 'signal' | 'use'>,
  engine: Engine,
  input: ProjectInput,
): Promise<RunningProject> {
  const { alias, signal } = { alias: input.alias, signal: context.signal };
  const cli = await (await context.use(composeClis)).get(alias, signal);
  const name =
    input.project ?? (await readModel(context, await openProject(context, engine, input))).model.name;
  const containers = await composeContainers(engine, name, signal);
  if (containers.length === 0)
    throw new FlotillaError('NOT_FOUND', 'The project has no containers.', {
      details: { alias, project: name },
      hint: 'compose_list shows the projects of a host; compose_up starts one.',
    });
  const words = composeWords(engine, cli);
  return { name, containers, command: (args) => `cd / && ${words} --ansi never -p ${quote(name)} ${args}` };
}
