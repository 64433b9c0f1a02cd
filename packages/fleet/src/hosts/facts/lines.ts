import { visibleControls } from '@flotilla/core';

const MOST_LINES = 500;
const LONGEST = 200;

/** `name=value` lines of a script of ours: text of a host, cut and made visible. */
export interface Lines {
  text(name: string): string | undefined;
  all(name: string): string[];
  /** A whole number from 0 to `most`, else undefined. */
  count(name: string, most?: number): number | undefined;
  /** A number from 0 to `most`, else undefined. */
  number(name: string, most: number): number | undefined;
}

export function readLines(output: string): Lines {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n').slice(0, MOST_LINES)) {
    const [, name, value] = /^([a-z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (!name || !value) continue;
    values.set(name, [...(values.get(name) ?? []), visibleControls(value.trim()).slice(0, LONGEST)]);
  }
  const text = (name: string): string | undefined => values.get(name)?.[0] || undefined;
  const number = (name: string, most: number): number | undefined => {
    const found = text(name) ?? '';
    if (!/^\d{1,16}(?:\.\d{1,9})?$/.test(found)) return undefined;
    const value = Number(found);
    return value <= most ? value : undefined;
  };
  return {
    text,
    number,
    all: (name) => values.get(name) ?? [],
    count(name, most = 2 ** 50) {
      const value = number(name, most);
      return value !== undefined && Number.isInteger(value) ? value : undefined;
    },
  };
}
