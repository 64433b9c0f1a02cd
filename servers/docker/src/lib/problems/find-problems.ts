import { type Hosts, isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { hideInText } from '../compose/secret-values.ts';
import {
  type ContainerDetails,
  containerPath,
  ContainerDetails as Details,
  detailsName,
} from '../containers/details.ts';
import { type ContainerSummary, listContainers, summaryName } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import { ImageDetails, imagePath } from '../images/image.ts';
import { readLogs } from '../logs/read-logs.ts';
import { cell } from '../text.ts';
import { judgeDisk, readDisk } from './disk.ts';
import { errorLines } from './error-lines.ts';
import { judgeContainer } from './judge-container.ts';
import { byWeight, type Problem } from './problem.ts';

const MAX_LOOKS = 400;
const MAX_LOGS = 25;
const AT_ONCE = 8;
const Info = z.looseObject({ DockerRootDir: z.string().nullish() });

export interface HostProblems {
  problems: Problem[];
  /** Containers looked at, and those that were too many to be. */
  checked: number;
  leftOut: number;
}

/** Everything that is wrong with the engine of a host and its containers, the worst first, each with its evidence. */
export async function findProblems(
  hosts: Pick<Hosts, 'shell'>,
  engine: Engine,
  signal: AbortSignal,
): Promise<HostProblems> {
  const [all, info] = await Promise.all([
    listContainers(engine, { signal }),
    engine.json(Info, '/info', { signal, timeoutMs: 60_000 }),
  ]);
  const suspects = all.toSorted((a, b) => suspicion(b) - suspicion(a)).slice(0, MAX_LOOKS);
  const now = Date.now();
  const looked = await inLanes(suspects, async ({ Id }) => {
    const details = await unlessGone(engine.json(Details, containerPath(Id, '/json'), { signal }));
    return details ? { details, problems: judgeContainer(engine.alias, details, now) } : undefined;
  });
  const found = looked.flatMap((one) => one ?? []);
  const ill = found.filter(({ problems }) => problems.length > 0);
  await inLanes(ill.slice(0, MAX_LOGS), async ({ details, problems }) => {
    const lines = await lastWords(engine, details, signal);
    problems[0]?.evidence.push(...lines);
  });
  const [missing, disk] = await Promise.all([
    missingImages(
      engine,
      found.map(({ details }) => details),
      signal,
    ),
    diskProblems(hosts, engine, info.DockerRootDir ?? '', all, signal),
  ]);
  const problems = [...ill.flatMap((one) => one.problems), ...missing, ...disk].toSorted(byWeight);
  return { problems, checked: found.length, leftOut: all.length - suspects.length };
}

/** Those that may be ill are looked at first when there are too many. */
const suspicion = ({ State, Status }: ContainerSummary): number =>
  Number(State !== 'running' && !/^Exited \(0\)/.test(Status)) * 2 +
  Number(/unhealthy|second|minute/.test(Status));

async function lastWords(engine: Engine, details: ContainerDetails, signal: AbortSignal): Promise<string[]> {
  try {
    const { lines } = await readLogs(engine, details, { lines: 60 }, signal);
    return errorLines(lines).map((line) => hideInText(cell(line, 400)));
  } catch (error) {
    // A log driver that keeps nothing to read is no problem of the container.
    if (isFlotillaError(error) && error.code !== 'CANCELLED') return [];
    throw error;
  }
}

/** A container whose image is gone runs on, but cannot be made anew. */
async function missingImages(
  engine: Engine,
  found: readonly ContainerDetails[],
  signal: AbortSignal,
): Promise<Problem[]> {
  const ids = [...new Set(found.map(({ Image }) => Image))].filter((id) => id !== '');
  const gone = new Set(
    (
      await inLanes(ids, async (id) =>
        (await unlessGone(engine.json(ImageDetails, imagePath(id, '/json'), { signal }))) ? undefined : id,
      )
    ).flatMap((id) => id ?? []),
  );
  return found
    .filter(({ Image }) => gone.has(Image))
    .map((details) => ({
      severity: 'warning',
      kind: 'image_missing',
      container: detailsName(details),
      what: 'its image is not on the host any more: it cannot be made anew from it',
      evidence: [cell(details.Config.Image)],
      next: 'Pull the image again: image_pull.',
    }));
}

async function diskProblems(
  hosts: Pick<Hosts, 'shell'>,
  engine: Engine,
  root: string,
  all: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<Problem[]> {
  if (!root.startsWith('/')) return [];
  const facts = await readDisk(hosts, engine.alias, root, signal);
  const names = new Map(all.map((one) => [one.Id, summaryName(one)]));
  return judgeDisk(facts, root, (id) => names.get(id));
}

async function unlessGone<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
}
