import { HostAlias } from '@flotilla/core';
import { LabelName } from '../hosts/validate.ts';

export const isAlias = (name: string): boolean => HostAlias.safeParse(name).success;
export const isLabel = (name: string): boolean => LabelName.safeParse(name).success;

/** A name by the rules that is as close to the given one as possible, and not taken. */
export function suggestName(name: string, taken: ReadonlySet<string> = new Set()): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 60);
  const base = isAlias(plain) ? plain : `host-${plain}`.replace(/-$/, '');
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}
