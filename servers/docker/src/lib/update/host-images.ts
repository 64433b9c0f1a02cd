import { forEachHost, type ToolContext, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import { composeContainers } from '../compose/project-containers.ts';
import type { Engine } from '../engine/index.ts';
import { checkImage, ImageCheck } from './check-image.ts';
import { inspectContainer } from './containers.ts';
import { nameOf } from './inspected.ts';
import { registryAuth } from './registry-auth.ts';

export const CheckedImage = ImageCheck.extend({ containers: z.array(z.string()) });
export type CheckedImage = z.infer<typeof CheckedImage>;

/** Registries asked at a time. */
const AT_A_TIME = 4;
const MAX_CONTAINERS = 2_000;
const ORDER: readonly ImageCheck['state'][] = [
  'behind',
  'gone',
  'unreachable',
  'current',
  'pinned',
  'local_only',
];

const Ids = z.array(z.object({ Id: z.string() })).max(20_000);

/** One check per image that containers of the host use; what needs attention first. */
export async function hostImages(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  engine: Engine,
  options: { project?: string | undefined },
): Promise<CheckedImage[]> {
  const { signal } = context;
  const listed =
    options.project === undefined
      ? await engine.json(Ids, '/containers/json', { query: { all: true }, signal })
      : await composeContainers(engine, options.project, signal);
  const inspected = await Promise.all(
    listed.slice(0, MAX_CONTAINERS).map(({ Id }) => inspectContainer(engine, Id, signal)),
  );
  const containers = inspected.filter((one) => one !== undefined);
  const groups = Map.groupBy(containers, ({ Config, Image }) => `${Config.Image}\0${Image}`);
  const auth = registryAuth(context, engine.alias);
  const outcomes = await forEachHost([...groups.keys()], { maxParallel: AT_A_TIME, signal }, (key) => {
    const [image = '', imageId = ''] = key.split('\0');
    return checkImage(engine, auth, { image, imageId }, signal);
  });
  return outcomes
    .map(({ alias: key, value, error }): CheckedImage => {
      const names = (groups.get(key) ?? []).map((container) => visibleControls(nameOf(container))).sort();
      const failed = {
        image: key.split('\0')[0] ?? '',
        state: 'unreachable' as const,
        reason: error?.message ?? 'not asked',
      };
      return { ...(value ?? failed), containers: names };
    })
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.image.localeCompare(b.image));
}
