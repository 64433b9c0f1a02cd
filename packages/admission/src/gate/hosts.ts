import { FlotillaError, type GateCall, type GateTool, type Principal } from '@flotilla/core';
import { changesHosts, type GateOptions, isPerson } from './options.ts';

type Check = (principal: Principal, tool: GateTool, call: GateCall) => FlotillaError | undefined;

/** `readonly` hosts are only looked at; what can destroy on a `protected` host is for a person to do. */
export function hostCheck(hosts: NonNullable<GateOptions['hosts']>): Check {
  return (principal, tool, call) => {
    if (call.effect === 'read' || call.aliases.length === 0 || !changesHosts(tool)) return undefined;
    const guarded = hosts(call.aliases);
    const readonly = guarded.filter((host) => host.readonly).map((host) => host.alias);
    if (readonly.length > 0) return readonlyHost(tool, readonly);
    if (call.effect !== 'destroy' || isPerson(principal)) return undefined;
    const kept = guarded.filter((host) => host.protected).map((host) => host.alias);
    return kept.length > 0 ? protectedHost(tool, kept) : undefined;
  };
}

const readonlyHost = (tool: GateTool, aliases: string[]): FlotillaError =>
  new FlotillaError('DENIED', `${aliases.join(', ')} may only be looked at: ${tool.name} would change it.`, {
    details: { aliases, guard: 'readonly' },
    hint: 'Nothing was done. Use a tool that reads, or leave these hosts out; a person can lift it: flotilla host add ALIAS --no-readonly',
  });

const protectedHost = (tool: GateTool, aliases: string[]): FlotillaError =>
  new FlotillaError(
    'APPROVAL_REQUIRED',
    `${aliases.join(', ')} is protected: a person has to do this with ${tool.name}.`,
    {
      details: { aliases, guard: 'protected' },
      hint: `Nothing was done. A person runs it at a terminal: flotilla call ${tool.name} …`,
    },
  );
