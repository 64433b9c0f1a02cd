import { openHubSide, type ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { WORKABLE } from '../../workable.ts';

/** The workers' side of a hub that serves nobody. */
export const sideOf = ({ runtime }: Hub, { identity }: ProcessBase) =>
  openHubSide({
    config: runtime.config,
    services: runtime.services,
    servers: WORKABLE,
    identity,
    log: runtime.log,
  });
