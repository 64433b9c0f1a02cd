import type { AnyTool } from '@flotilla/core';
import type { HostToolsDeps } from './deps.ts';
import { fleetStatus } from './fleet-status.ts';
import { serverAdd } from './server-add.ts';
import { serverGroupList } from './server-group-list.ts';
import { serverGroupRemove } from './server-group-remove.ts';
import { serverGroupSet } from './server-group-set.ts';
import { serverImport } from './server-import.ts';
import { serverList } from './server-list.ts';
import { serverRemove } from './server-remove.ts';
import { serverTest } from './server-test.ts';

export type { HostToolsDeps } from './deps.ts';

/** The tools that keep the register of hosts and look at the fleet as a whole. */
export function hostTools(deps: HostToolsDeps): AnyTool[] {
  return [
    serverAdd(deps),
    serverList(deps),
    serverTest(deps),
    serverRemove(deps),
    serverImport(deps),
    serverGroupList(deps),
    serverGroupSet(deps),
    serverGroupRemove(deps),
    fleetStatus(deps),
  ];
}
