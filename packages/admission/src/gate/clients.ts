import { FlotillaError, type GateTool, type Principal } from '@flotilla/core';
import { globMatcher } from './globs.ts';
import type { ClientRule } from './options.ts';

type Check = (principal: Principal, tool: GateTool) => FlotillaError | undefined;

/** Lists of tools by the name that the MCP client gives of itself (not authenticated: they tidy, they do not protect). */
export function clientCheck(clients: Readonly<Record<string, ClientRule>>): Check {
  const rules = Object.entries(clients).map(([client, rule]) => ({
    client,
    isFor: globMatcher([client]),
    allows: rule.allow === undefined ? () => true : globMatcher(rule.allow),
    denies: globMatcher(rule.deny ?? []),
  }));
  return (principal, tool) => {
    const name = principal.client?.name ?? '';
    const refusing = rules.find(
      (rule) => rule.isFor(name) && (!rule.allows(tool.name) || rule.denies(tool.name)),
    );
    if (!refusing) return undefined;
    return new FlotillaError('DENIED', `${tool.name} is not offered to this client.`, {
      details: { tool: tool.name, client: name.slice(0, 100) },
      hint: `A person can change the lists under clients["${refusing.client}"] in the config file.`,
    });
  };
}
