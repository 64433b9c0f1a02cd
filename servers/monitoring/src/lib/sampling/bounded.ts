/** A number that a host said, or undefined when it is none, negative or absurd. */
export function bounded(text: string | undefined, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined || !/^\d{1,20}(\.\d{1,9})?$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** Lines of a text, at most `max`, without their surrounding blanks. */
export const lines = (text: string | undefined, max: number): string[] =>
  (text ?? '').split('\n', max).map((line) => line.trim());

/** A name that a host gave, fit for a label: printable, short. */
export const labelOf = (text: string): string => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 200);
