import type { Principal } from '@flotilla/core';
import { localPrincipal, type ProcessBase, VERSION } from '@flotilla/runtime';

/** The person at this command line. */
export const cliPrincipal = ({ identity }: ProcessBase): Principal => ({
  ...localPrincipal('cli', identity),
  client: { name: 'flotilla', version: VERSION },
});
