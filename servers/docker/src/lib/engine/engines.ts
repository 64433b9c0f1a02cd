import { defineService, type Hosts, isFlotillaError, type ToolContext } from '@flotilla/core';
import { dockerConfig } from '../docker-config.ts';
import type { Engine } from './engine.ts';
import { findEngine } from './find-engine.ts';

/** The engines of hosts, opened when first used and kept for the process. */
export interface Engines {
  get(alias: string): Promise<Engine>;
  /** Forgets what is known of a host, so that the next call looks again. */
  drop(alias: string): void;
}

interface Known {
  /** The host as it was when its engine was found. */
  identity: string;
  opening: Promise<Engine>;
}

export function createEngines(
  hosts: Pick<Hosts, 'resolve' | 'shell' | 'connect'>,
  sockets: Readonly<Record<string, string>>,
): Engines & { close(): void } {
  const known = new Map<string, Known>();
  const drop = (alias: string): void => {
    const entry = known.get(alias);
    known.delete(alias);
    void entry?.opening.then((engine) => engine.close()).catch(() => undefined);
  };
  return {
    drop,
    get(alias) {
      const identity = JSON.stringify(hosts.resolve(alias));
      const entry = known.get(alias);
      if (entry?.identity === identity) return entry.opening;
      drop(alias);
      const own = Object.hasOwn(sockets, alias) ? sockets[alias] : undefined;
      const opening = findEngine(hosts, alias, own, () => {
        if (known.get(alias)?.opening === opening) drop(alias);
      });
      known.set(alias, { identity, opening });
      opening.catch(() => {
        if (known.get(alias)?.opening === opening) known.delete(alias);
      });
      return opening;
    },
    close() {
      for (const alias of [...known.keys()]) drop(alias);
    },
  };
}

export const engines = defineService<Engines & { close(): void }>({
  name: 'engines',
  open: ({ hosts, config }) => createEngines(hosts, dockerConfig.parse(config).sockets),
  close: (opened) => opened.close(),
});

/** The engine of a host. When it gives no usable answer, the host is looked at again with the next call. */
export async function withEngine<T>(
  context: Pick<ToolContext, 'use'>,
  alias: string,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const all = await context.use(engines);
  const engine = await all.get(alias);
  try {
    return await work(engine);
  } catch (error) {
    if (
      isFlotillaError(error) &&
      error.code === 'SERVER_UNAVAILABLE' &&
      error.details['status'] === undefined
    )
      all.drop(alias);
    throw error;
  }
}
