import { FlotillaError, type Gate, type GateTool } from '@flotilla/core';
import { globMatcher } from '@flotilla/core/config';
import { commandCheck } from './commands.ts';
import { hostCheck } from './hosts.ts';
import type { GateOptions } from './options.ts';

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
