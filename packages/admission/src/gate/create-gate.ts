import { FlotillaError, type Gate, type GateTool, type Principal } from '@flotilla/core';
import { globMatcher } from '@flotilla/core/config';
import { commandCheck } from './commands.ts';
import { hostCheck } from './hosts.ts';
import type { GateOptions, Policy } from './options.ts';

/**
 * The one decision for list and call: what may not be listed may not be called either. Pure but for `hosts`, which
 * is asked at the moment of the call. INVALID_INPUT for a policy that cannot be understood.
 */
export function createGate({ policy, hosts = () => [] }: GateOptions): Gate {
  const denied = globMatcher(policy.denyTools);
  const byCommand = commandCheck(policy.commandDeny);
  const byHost = hostCheck(hosts);
  return (principal, tool, call) => {
    if (denied(tool.name)) return deniedTool(tool);
    if (policy.readonly && (tool.maxEffect !== 'read' || (call && call.effect !== 'read')))
      return readonlyMode(tool);
    if (!call) return undefined;
    return byHost(principal, tool, call) ?? byCommand(principal, call);
  };
}

/** Who calls when nobody calls. */
const NOBODY: Principal = { id: 'background', kind: 'stdio' };

/** The same decision about a command that runs again and again by itself, with nobody who could lift it. */
export function createCommandRule(
  policy: Pick<Policy, 'readonly' | 'commandDeny'>,
): (command: string) => FlotillaError | undefined {
  const byCommand = commandCheck(policy.commandDeny);
  return (command) =>
    policy.readonly
      ? new FlotillaError('DENIED', 'Flotilla is in readonly mode: no command is run.')
      : byCommand(NOBODY, { effect: 'destroy', aliases: [], args: { command } });
}

const deniedTool = (tool: GateTool): FlotillaError =>
  new FlotillaError('DENIED', `${tool.name} is switched off by the policy of this Flotilla.`, {
    details: { tool: tool.name },
    hint: 'A person can change policy.denyTools in the config file.',
  });

const readonlyMode = (tool: GateTool): FlotillaError =>
  new FlotillaError('DENIED', `Flotilla is in readonly mode: ${tool.name} could change something.`, {
    details: { tool: tool.name },
    hint: 'Tools that only look still work. A person can switch it off: MCP_READONLY=false or policy.readonly in the config file.',
  });
