/** Bytes of JSON that a step's output may take in a run; what is longer is cut, and said. */
export const OUTPUT_BYTES = 65_536;
/** Of all items of one forEach together. */
export const ALL_ITEMS_BYTES = 262_144;
const LEAST_BYTES = 2_048;

export interface Capped {
  output: Record<string, unknown>;
  /** Something was left out: the run of the step has it whole. */
  truncated: boolean;
}

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * An output as later steps see it. One that is too large loses the middle of its longest texts first, then the ends of
 * its lists, until it fits.
 */
export function capOutput(output: Record<string, unknown>, items = 1): Capped {
  const limit = Math.max(LEAST_BYTES, Math.min(OUTPUT_BYTES, Math.floor(ALL_ITEMS_BYTES / items)));
  if (bytes(output) <= limit) return { output, truncated: false };
  for (const { text, list } of [
    { text: 16_384, list: 1_000 },
    { text: 4_096, list: 200 },
    { text: 1_024, list: 50 },
    { text: 200, list: 10 },
    { text: 80, list: 3 },
  ]) {
    const cut = shorten(output, text, list) as Record<string, unknown>;
    if (bytes(cut) <= limit) return { output: cut, truncated: true };
  }
  return { output: {}, truncated: true };
}

function shorten(value: unknown, text: number, list: number): unknown {
  if (typeof value === 'string') return value.length <= text ? value : middleOut(value, text);
  if (Array.isArray(value)) return value.slice(0, list).map((one) => shorten(one, text, list));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shorten(one, text, list)]));
}

function middleOut(text: string, length: number): string {
  const half = Math.floor(length / 2);
  const [head, tail] = [text.slice(0, half), text.slice(-half)].map((part) => part.toWellFormed());
  return `${head}\n… ${text.length - 2 * half} characters left out …\n${tail}`;
}
