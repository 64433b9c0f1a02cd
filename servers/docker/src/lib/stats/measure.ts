import { setTimeout as delay } from 'node:timers/promises';
import type { Hosts } from '@flotilla/core';
import { LABEL } from '../compose/labels.ts';
import { type ContainerSummary, summaryName } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import { shortId } from '../text.ts';
import { statsByApi } from './api-stats.ts';
import { cgroupScript } from './cgroup-script.ts';
import { type CounterRead, type Counters, parseCounters } from './counters.ts';
import { type Usage, usageOf } from './usage.ts';

/** Between the two looks: the CPU share is the mean of this time. */
const APART_MS = 500;
const AT_ONCE = 8;

/** What running containers use, the host's own files first: two short reads for all of them together. */
export async function measure(
  hosts: Pick<Hosts, 'shell'>,
  engine: Engine,
  running: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<Usage[]> {
  const ids = running.map(({ Id }) => Id).filter((id) => /^[0-9a-f]{64}$/.test(id));
  if (ids.length === 0) return [];
  const before = await readFiles(hosts, engine.alias, ids, signal);
  await delay(APART_MS, undefined, { signal });
  const after = await readFiles(hosts, engine.alias, ids, signal);
  const rest = ids.filter((id) => after.containers.get(id)?.memoryBytes === undefined);
  const byApi = await measureByApi(engine, rest, signal);
  return running.flatMap((summary): Usage[] => {
    const who = {
      name: summaryName(summary),
      id: shortId(summary.Id),
      project: summary.Labels?.[LABEL.project],
    };
    const asked = byApi.get(summary.Id);
    if (asked) return [usageOf(who, asked.before, asked.after, asked.seconds)];
    const counters = withoutHostNetwork(after.containers.get(summary.Id), summary);
    if (!counters || counters.memoryBytes === undefined) return [{ name: who.name, id: who.id }];
    return [usageOf(who, before.containers.get(summary.Id), counters, after.uptimeS - before.uptimeS)];
  });
}

/** A container on the network of the host would be shown with what the whole host sends. */
function withoutHostNetwork(counters: Counters | undefined, summary: ContainerSummary): Counters | undefined {
  if (!counters || summary.HostConfig?.NetworkMode !== 'host') return counters;
  const { receivedBytes: _received, sentBytes: _sent, ...own } = counters;
  return own;
}

async function readFiles(
  hosts: Pick<Hosts, 'shell'>,
  alias: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<CounterRead> {
  const options = { timeoutMs: 20_000, maxBytes: 8 * 1024 * 1024, signal };
  return parseCounters((await hosts.shell(alias, cgroupScript(ids), options)).stdout);
}

interface Asked {
  before: Counters | undefined;
  after: Counters;
  seconds: number;
}

async function measureByApi(
  engine: Engine,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Asked>> {
  const found = new Map<string, Asked>();
  const queue = [...ids];
  const lane = async (): Promise<void> => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const before = await statsByApi(engine, id, signal);
      const began = performance.now();
      const after = await statsByApi(engine, id, signal);
      if (after) found.set(id, { before, after, seconds: (performance.now() - began) / 1000 });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, lane));
  return found;
}
