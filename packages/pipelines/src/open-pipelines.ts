import { isFlotillaError, type ServiceHost } from '@flotilla/core';
import type { Surroundings } from './check/surroundings.ts';
import type { Pipelines } from './service.ts';
import { childRuns } from './store/child-runs.ts';
import { definitions } from './store/definitions.ts';
import { locks } from './store/locks.ts';

export function openPipelines(host: ServiceHost): Pipelines {
  const children = childRuns(host.state);
  return {
    host,
    definitions: definitions(host.state),
    children,
    locks: locks(host.state, host.calls, children),
    surroundings: surroundingsOf(host),
  };
}

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
