import type { Hosts } from '@flotilla/core';

/** Did a call with these target words (`web1`, `all`, `group:web`) mean the host? By the groups of now. */
export function touched(hosts: Pick<Hosts, 'resolve'>, words: readonly string[], alias: string): boolean {
  return words.some((word) => {
    if (word === alias) return true;
    if (word !== 'all' && !word.includes(':')) return false;
    try {
      return hosts.resolve(word).some((one) => one.alias === alias);
    } catch {
      return false;
    }
  });
}
