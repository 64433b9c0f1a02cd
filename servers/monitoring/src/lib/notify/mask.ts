import type { Redactor } from '@flotilla/core';

/** A copy with every string masked and every key as it was: a secret may be a word that is a key as well. */
export function maskStrings<T>(redactor: Pick<Redactor, 'text'>, value: T): T {
  const mask = (one: unknown): unknown => {
    if (typeof one === 'string') return redactor.text(one);
    if (Array.isArray(one)) return one.map(mask);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, member]) => [key, mask(member)]));
  };
  return mask(value) as T;
}
