import type { Principal } from '../principal.ts';
import type { ClientRule } from './types.ts';

/** `*` stands for any characters; everything else for itself, whatever its case. */
export function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 'is').test(name);
}

/** May this client see and call the tool? The most exact rule for its name counts; no rule allows. */
export function clientFilter(
  clients: Readonly<Record<string, ClientRule>>,
): (principal: Principal, tool: string) => boolean {
  const rules = Object.entries(clients).sort(
    ([a], [b]) => b.replaceAll('*', '').length - a.replaceAll('*', '').length,
  );
  return ({ client }, tool) => {
    const rule = rules.find(([pattern]) => matchesGlob(pattern, client?.name ?? ''))?.[1];
    if (rule === undefined) return true;
    if (rule.deny?.some((pattern) => matchesGlob(pattern, tool)) === true) return false;
    return rule.allow === undefined || rule.allow.some((pattern) => matchesGlob(pattern, tool));
  };
}
