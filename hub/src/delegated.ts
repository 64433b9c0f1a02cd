import { type Elsewhere, FlotillaError } from '@flotilla/core';
import type { FlotillaConfig, Mount } from '@flotilla/core/config';
import type { HubSide, ProcessBase } from '@flotilla/runtime';
import type { Backend } from './backend/backend.ts';
import { WORKABLE } from './workable.ts';

type WorkerMount = Extract<Mount, { kind: 'worker' }>;

/** Servers of ours that workers on other machines carry out. */
export interface Delegated {
  /** Their runs are left to workers. */
  names: ReadonlySet<string>;
  /** Those whose runs this process takes itself all the same: there is no queue that workers see. */
  withoutQueue: readonly string[];
  /** By server, for those whose workers answer calls too. They work once `connect` was called. */
  forward: ReadonlyMap<string, Elsewhere>;
  connect(base: ProcessBase, side: HubSide, hubVersion: string): Promise<Backend[]>;
}

/** INVALID_INPUT for a name that is none of our servers. */
export function delegatedServers({ mounts = [], configFile, jobs }: FlotillaConfig): Delegated {
  const delegated = mounts.filter(
    (mount): mount is WorkerMount => mount.kind === 'worker' && !mount.disabled,
  );
  for (const { name } of delegated) {
    if (WORKABLE.some((server) => server.name === name)) continue;
    throw new FlotillaError('INVALID_INPUT', `${name} is no server of ours, so it cannot have workers.`, {
      details: { file: configFile, key: `mcpServers.${name}` },
      hint: `Workers can be of: ${WORKABLE.map((server) => server.name).join(', ')}.`,
    });
  }
  const answering = delegated.filter(({ url }) => url !== undefined);
  const connected = new Map<string, Elsewhere>();
  const forwardOf =
    (name: string): Elsewhere =>
    (call, signal) => {
      const forward = connected.get(name);
      if (!forward) throw new FlotillaError('SERVER_UNAVAILABLE', `${name} is not connected yet.`);
      return forward(call, signal);
    };
  return {
    names: new Set(jobs.redis ? delegated.map(({ name }) => name) : []),
    withoutQueue: jobs.redis ? [] : delegated.map(({ name }) => name),
    forward: new Map(answering.map(({ name }) => [name, forwardOf(name)])),
    async connect(base, side, hubVersion) {
      if (answering.length === 0) return [];
      const { mountWorker } = await import('./backend/mount-worker.ts');
      return answering.map((mount) => {
        const { backend, forward } = mountWorker(mount, { base, side, hubVersion });
        connected.set(mount.name, forward);
        return backend;
      });
    },
  };
}
