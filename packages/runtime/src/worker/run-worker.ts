import { createEndpoint, FlotillaError, type ServerDefinition } from '@flotilla/core';
import type { TicketDriver } from '@flotilla/jobs';
import type { ProcessBase } from '../open-process.ts';
import { serveTransport, type TransportChoice } from '../serve-transport.ts';
import { untilStopped } from '../until-stopped.ts';
import { VERSION } from '../version.ts';
import { createWorkerRuntime, type WorkerRuntime } from './worker-runtime.ts';
import type { WorkerServices } from './worker-services.ts';

export interface RunWorkerOptions {
  base: ProcessBase;
  /** Its lanes. */
  servers: readonly ServerDefinition[];
  /** Where it answers the hub's inline calls; absent: it only takes runs. */
  http?: Omit<TransportChoice, 'transport'>;
  /** Told when it takes runs. */
  onReady?(facts: { worker: string; lanes: readonly string[]; url?: string }): void;
}

/** Works for a hub until a signal arrives. INVALID_INPUT without a Redis; DENIED when the hub does not accept it, or no more. */
export async function runWorker({ base, servers, http, onReady }: RunWorkerOptions): Promise<void> {
  const { redis } = base.config.jobs;
  if (!redis)
    throw new FlotillaError('INVALID_INPUT', 'A worker needs the Redis of its hub.', {
      hint: 'Set FLOTILLA_REDIS_URL to the one that the hub uses.',
    });
  const worker = await createWorkerRuntime({
    ...base,
    servers,
    serves: http !== undefined,
    driver: (services) => openDriver(redis, services),
  });
  const { refused } = worker;
  const { worker: id, lanes } = worker.services.who;
  try {
    const served = http
      ? serveCalls(worker, servers, http, (url) => onReady?.({ worker: id, lanes, url }))
      : untilStopped(refused);
    if (!http) onReady?.({ worker: id, lanes });
    await Promise.race([served, refused]);
    // Whoever waits for a signal only is told so as well.
    await Promise.race([refused, Promise.resolve()]);
  } finally {
    await worker.close();
  }
}

/** The hub's calls over MCP, with the token that this worker shows the hub. */
function serveCalls(
  worker: WorkerRuntime,
  servers: readonly ServerDefinition[],
  listen: Omit<TransportChoice, 'transport'>,
  onUrl: (url: string) => void,
): Promise<void> {
  const { base } = worker;
  const { config, token } = worker.services;
  const [first] = servers;
  const endpoint = createEndpoint({
    info: {
      name: `flotilla-${first?.name}`,
      version: VERSION,
      title: first?.title ?? '',
      instructions: first?.instructions ?? '',
    },
    tools: () => [...worker.lanes.values()].flat(),
    call: worker.call,
    gate: () => undefined,
  });
  const served: ProcessBase = {
    ...base,
    identity: { ...base.identity, hubSecret: token },
    config: { ...config, http: { ...config.http, token, tokens: [] } },
  };
  const choice = { transport: 'http' as const, ...listen };
  return serveTransport(endpoint, choice, served, ({ url }) => onUrl(url), { pages: worker.pages });
}

type Redis = NonNullable<ProcessBase['config']['jobs']['redis']>;

async function openDriver(redis: Redis, { settings, who, log }: WorkerServices): Promise<TicketDriver> {
  const { BullmqDriver } = await import('@flotilla/bullmq');
  return new BullmqDriver({
    ...redis,
    fleet: settings.fleet,
    processId: who.worker.replaceAll('.', '-'),
    log,
  });
}
