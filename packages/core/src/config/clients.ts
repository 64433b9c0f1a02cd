import type { Principal } from '../principal.ts';
import { globMatcher } from './globs.ts';
import type { ClientRule } from './types.ts';

/** Characters that a name must have; of two alike the one without `*` is more exact. */
const exactness = (pattern: string): number => pattern.replaceAll('*', '').length;

/** May this client see and call the tool? The most exact rule for its name counts; no rule allows. */
export function clientFilter(
  clients: Readonly<Record<string, ClientRule>>,
): (principal: Principal, tool: string) => boolean {
  const rules = Object.entries(clients)
    .sort(([a], [b]) => exactness(b) - exactness(a) || a.length - b.length)
    .map(([pattern, { allow, deny }]) => ({
      isFor: globMatcher([pattern]),
      allows: allow === undefined ? () => true : globMatcher(allow),
      denies: globMatcher(deny ?? []),
    }));
  return ({ client }, tool) => {
    const rule = rules.find(({ isFor }) => isFor(client?.name ?? ''));
    return rule === undefined || (!rule.denies(tool) && rule.allows(tool));
  };
}
