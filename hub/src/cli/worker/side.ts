import { openHubSide } from '@flotilla/runtime';
import { BUILT_IN } from '../../built-in.ts';
import type { Hub } from '../../hub.ts';

/** The workers' side of a hub that serves nobody. */
export const sideOf = ({ runtime }: Hub) =>
  openHubSide({ config: runtime.config, services: runtime.services, servers: BUILT_IN, log: runtime.log });
