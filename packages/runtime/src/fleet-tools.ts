import type { AnyTool, Effect, Gate, LogRing, Principal } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import {
  auditProbe,
  dataFolderProbe,
  diagnosticsTools,
  factProbe,
  hostTools,
  type Probe,
  poolProbe,
  queueProbe,
  type RunSubject,
  type RunsElsewhere,
  runTools,
  stateFileProbe,
} from '@flotilla/fleet';
import type { Identity } from './identity.ts';
import type { Services } from './services.ts';
import { VERSION } from './version.ts';

export interface FleetParts {
  config: FlotillaConfig;
  services: Services;
  identity: Identity;
  ring: LogRing;
  gate: Gate;
  /** What the front door adds to system_diagnostics, e.g. the mounts of a hub. */
  probes: () => readonly Probe[];
  /** Mounted servers with runs of their own. */
  elsewhere: () => readonly RunsElsewhere[];
}

/** The tools that every front door offers beside the servers' own. */
export function fleetTools({
  config,
  identity,
  services,
  ring,
  gate,
  probes,
  elsewhere,
}: FleetParts): AnyTool[] {
  const { store, inventory, links, engine, audit } = services;
  const admits = (principal: Principal, run: RunSubject, effect: Effect) =>
    gate(
      principal,
      { name: run.tool, lane: run.lane, maxEffect: effect },
      { effect, aliases: run.aliases, args: run.args ?? {} },
    );
  const { compact } = config;
  const { redis: _, ...limits } = config.jobs;
  const own = (): readonly Probe[] => [
    factProbe('versions', () => ({ flotilla: VERSION, node: process.versions.node })),
    dataFolderProbe(config.dataDir),
    stateFileProbe(store),
    queueProbe(engine, config.jobs.maxOpenRuns),
    poolProbe(links),
    auditProbe(audit),
    factProbe('limits', () => limits),
  ];
  return [
    ...hostTools({ inventory, links, engine, homedir: identity.homedir, localUser: identity.user }),
    ...runTools({ engine, admits, compact, elsewhere }),
    ...diagnosticsTools({ links, audit, logs: ring, compact, probes: () => [...own(), ...probes()] }),
  ];
}
