import { createLogger, type Logger } from '@flotilla/core';
import type { Mount } from '@flotilla/core/config';
import { openProcess, type ProcessBase } from '@flotilla/runtime';
import { BUILT_IN } from '../built-in.ts';
import { type Hub, openHub } from '../hub.ts';
import type { World } from './world.ts';

export interface OpenOptions {
  /** Longest time a call waits for its run before it answers with a handle. Default: what the config says. */
  syncWaitMs?: number;
  /** Further folders on this machine that the call may read and write: a person named them. */
  localRoots?: readonly string[];
  /** Also start what the config mounts by command or URL. Most commands need only what is built in. */
  mounts?: boolean;
  /** Without what the config says of single servers: it may name a secret that is about to be stored. */
  withoutSettings?: boolean;
  verbose?: boolean;
}

/** The config and identity of this process, with a log that stays out of a person's way. */
export async function openBase(world: World, verbose = false): Promise<ProcessBase> {
  const base = await openProcess(world.env);
  const { redactor, ring } = base;
  const log: Logger = createLogger({ level: verbose ? 'debug' : 'silent', redactor, ring });
  return { ...base, log };
}

/** Every server of ours, in this process; what workers take is left to them, and nothing is connected to. */
function workersOnly(mounts: readonly Mount[] = []): Mount[] | undefined {
  const delegated = new Set(
    mounts.filter(({ kind, disabled }) => kind === 'worker' && !disabled).map(({ name }) => name),
  );
  if (delegated.size === 0) return undefined;
  return BUILT_IN.map(({ name }) =>
    delegated.has(name)
      ? { name, kind: 'worker', disabled: false, headers: {} }
      : { name, kind: 'builtin', builtin: name, disabled: false },
  );
}

/** A hub of this process on the data folder, without any front door. */
export async function withHub<T>(
  world: World,
  options: OpenOptions,
  use: (hub: Hub, base: ProcessBase) => Promise<T>,
): Promise<T> {
  const base = await openBase(world, options.verbose);
  const { config } = base;
  const adjusted: ProcessBase = {
    ...base,
    config: {
      ...config,
      // Without a list, every server of ours is mounted in this process.
      mounts: options.mounts ? config.mounts : workersOnly(config.mounts),
      servers: options.withoutSettings ? {} : config.servers,
      localRoots: [...config.localRoots, ...(options.localRoots ?? [])],
      jobs: { ...config.jobs, syncWaitMs: options.syncWaitMs ?? config.jobs.syncWaitMs },
    },
  };
  const hub = await openHub(adjusted);
  try {
    return await use(hub, adjusted);
  } finally {
    await hub.close();
  }
}
