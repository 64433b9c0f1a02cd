import { isFlotillaError } from '@flotilla/core';
import type { Inventory } from '@flotilla/inventory';
import type { Reach } from '@flotilla/workers';

/** The labels that a worker needs for hosts and their bastions. */
export interface HostLabels {
  ofAlias(alias: string): string[];
  /** Of all hosts that some target words mean now. */
  ofWords(words: readonly string[]): string[];
}

/** Without a queue that workers see, this process reaches every host or none does. */
export const NO_LABELS: HostLabels = { ofAlias: () => [], ofWords: () => [] };

export function hostLabels(inventory: Pick<Inventory, 'resolve' | 'find'>, reach: Reach): HostLabels {
  const chain = (alias: string): string[] => {
    const seen = new Set<string>();
    for (let next: string | undefined = alias; next !== undefined && !seen.has(next); ) {
      seen.add(next);
      next = inventory.find(next)?.jump;
    }
    return [...seen];
  };
  const aliasesOf = (word: string): string[] => {
    try {
      return inventory.resolve(word).map(({ alias }) => alias);
    } catch (error) {
      if (isFlotillaError(error)) return [];
      throw error;
    }
  };
  const ofAliases = (aliases: readonly string[]): string[] => {
    if (reach.list().length === 0) return [];
    const labels = aliases.flatMap(chain).flatMap((alias) => reach.labelsOf(alias));
    return [...new Set(labels)].sort();
  };
  return {
    ofAlias: (alias) => ofAliases([alias]),
    ofWords: (words) => (reach.list().length === 0 ? [] : ofAliases(words.flatMap(aliasesOf))),
  };
}
