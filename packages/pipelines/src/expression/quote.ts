import { quote } from '@flotilla/ssh';

/** A scalar as text: what a command, a path or a sentence gets of it. Undefined for lists, maps and null. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return undefined;
}

/** One word of shell text for a scalar, several for a list. Throws for what is neither. */
export function shellQuote(value: unknown): string {
  if (Array.isArray(value)) return value.map(shellQuote).join(' ');
  const text = scalarText(value);
  if (text === undefined) throw new TypeError('quote takes text, numbers, truth values and lists of them');
  return quote(text);
}
