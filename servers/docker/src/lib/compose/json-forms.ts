const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Rows of a compose command with `--format json`: one array before 2.21, one object per line since.
 * Lines that are not JSON (warnings of plugins) are left out; at most `max` rows.
 */
export function jsonRows(text: string, max = 10_000): Record<string, unknown>[] {
  const whole = parsed(text);
  const found = Array.isArray(whole) ? whole : isObject(whole) ? [whole] : text.split('\n').map(parsed);
  return found.filter(isObject).slice(0, max);
}
