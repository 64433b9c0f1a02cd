import { openHubSide } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { WORKABLE } from '../../workable.ts';

/** The workers' side of a hub that serves nobody. */
export const sideOf = ({ runtime }: Hub) =>
  openHubSide({ config: runtime.config, services: runtime.services, servers: WORKABLE, log: runtime.log });
