import { defineService, type ServiceHost } from '@flotilla/core';
import type { Surroundings } from './check/surroundings.ts';
import type { ChildRuns } from './store/child-runs.ts';
import type { Definitions } from './store/definitions.ts';
import type { Locks } from './store/locks.ts';

/** What the tools of this server share. */
export interface Pipelines {
  host: ServiceHost;
  definitions: Definitions;
  children: ChildRuns;
  locks: Locks;
  surroundings: Surroundings;
}

/** Loaded when it is first used, as all that reads definitions is: a start pays for none of it. */
export const pipelinesService = defineService<Pipelines>({
  name: 'pipelines',
  open: async (host) => (await import('./open-pipelines.ts')).openPipelines(host),
});
