import type { ServerDefinition } from '@flotilla/core';
import { type Environment, openProcess, type ProcessBase, startWorker } from '../../../src/index.ts';
import { ownSignals } from './own-signals.ts';
import { shellServer } from './servers.ts';

type Facts = { worker: string; lanes: readonly string[]; url?: string };

/** A worker in this process. */
export interface StartedWorker {
  base: ProcessBase;
  facts: Facts;
  /** Resolves when it was stopped; rejects when its hub does not want it any more. */
  ended: Promise<void>;
  /** Tells it that a signal has arrived; resolves when it has ended. */
  stop(): Promise<void>;
}

/** As `flotilla worker` does; with `http` as a server that answers calls as well. */
export async function startedWorker(
  env: Environment,
  options: { servers?: readonly ServerDefinition[]; http?: { host?: string; port?: number } } = {},
): Promise<StartedWorker> {
  const { servers = [shellServer()], http } = options;
  const base = await openProcess(env);
  const ready = Promise.withResolvers<Facts>();
  let ended = Promise.resolve();
  const signal = await ownSignals(() => {
    ended = startWorker({ base, servers, ...(http && { http }), onReady: ready.resolve });
    ended.catch(ready.reject);
  }, ready.promise);
  return {
    base,
    facts: await ready.promise,
    ended,
    stop() {
      signal();
      return ended;
    },
  };
}
