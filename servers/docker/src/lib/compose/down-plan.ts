import { FlotillaError, isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { summaryName } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import type { ProjectInput } from './arguments.ts';
import { runningProject } from './by-name.ts';
import { LABEL } from './labels.ts';

export const DownPlan = z.object({
  project: z.string(),
  containers: z.array(z.string()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).describe('Named ones, with their data'),
  keptVolumes: z.array(z.string()).describe('Volumes of the project that stay'),
});
export type DownPlan = z.infer<typeof DownPlan>;

const Labels = z.record(z.string(), z.string()).nullish();
const Networks = z.array(z.object({ Name: z.string(), Labels }));
const Volume = z.object({ Name: z.string(), Labels });
const Volumes = z.object({ Volumes: z.array(Volume).nullish() });

/** What compose down would remove. Only volumes that the caller names and that belong to the project are in it. */
export async function planDown(
  context: Pick<ToolContext, 'hosts' | 'signal' | 'use'>,
  engine: Engine,
  input: ProjectInput & { volumes: readonly string[] },
): Promise<{ plan: DownPlan; command: string }> {
  const { name, containers, command } = await runningProject(context, engine, input);
  const query = { filters: { label: [`${LABEL.project}=${name}`] } };
  const { signal } = context;
  const networks = await engine.json(Networks, '/networks', { query, signal });
  const owned = (await engine.json(Volumes, '/volumes', { query, signal })).Volumes ?? [];
  const volumes = input.volumes.map((wanted) => ownVolume(engine.alias, name, wanted, owned));
  const plan: DownPlan = {
    project: name,
    containers: containers.map(summaryName).sort(),
    networks: networks.map(({ Name }) => Name).sort(),
    volumes,
    keptVolumes: owned.map(({ Name }) => Name).filter((one) => !volumes.includes(one)),
  };
  return { plan, command: command('down --remove-orphans') };
}

function ownVolume(
  alias: string,
  project: string,
  wanted: string,
  owned: readonly z.infer<typeof Volume>[],
): string {
  const found = owned.find(({ Name }) => Name === wanted || Name === `${project}_${wanted}`);
  if (found) return found.Name;
  throw new FlotillaError('NOT_FOUND', `The project has no volume ${wanted}.`, {
    details: { alias, project, volumes: owned.map(({ Name }) => Name).slice(0, 50) },
    hint: 'Only volumes that compose made for this project can be removed here; see volume_list.',
  });
}

/** Removes one volume; nothing happens when it is gone. CONFLICT when something else uses it. */
export async function removeVolume(engine: Engine, name: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.send(`/volumes/${encodeURIComponent(name)}`, { method: 'DELETE', signal });
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND') throw error;
  }
}
