import { defineService, isFlotillaError, type ServiceHost } from '@flotilla/core';
import type { Surroundings } from './check/surroundings.ts';
import { type ChildRuns, childRuns } from './store/child-runs.ts';
import { type Definitions, definitions } from './store/definitions.ts';
import { type Locks, locks } from './store/locks.ts';

/** What the tools of this server share. */
export interface Pipelines {
  host: ServiceHost;
  definitions: Definitions;
  children: ChildRuns;
  locks: Locks;
  surroundings: Surroundings;
}

export const pipelinesService = defineService<Pipelines>({
  name: 'pipelines',
  open: (host) => ({
    host,
    definitions: definitions(host.state),
    children: childRuns(host.state),
    locks: locks(host.state, host.calls),
    surroundings: surroundingsOf(host),
  }),
});

const surroundingsOf = ({ calls, hosts, namedSecret }: ServiceHost): Surroundings => ({
  tool: (name) => calls.find(name),
  toolNames: () => calls.names(),
  hosts: (target) => hosts.resolve(target),
  secret: (name) => {
    try {
      namedSecret(name);
      return true;
    } catch (error) {
      if (isFlotillaError(error) && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  },
});
