import { capText } from '@flotilla/core';

const STRING_BYTES = 2_048;
const ALL_BYTES = 16_384;
const LIST_ITEMS = 100;
const MAX_DEPTH = 20;

/** Arguments as the audit log keeps them: long strings, lists and deep nesting cut. */
export function auditedArguments(args: Record<string, unknown>): Record<string, unknown> {
  let left = ALL_BYTES;
  const visit = (value: unknown, depth: number): unknown => {
    if (left <= 0 || depth > MAX_DEPTH) return '…';
    if (typeof value === 'string') {
      const { text } = capText(value, Math.min(STRING_BYTES, left));
      left -= Buffer.byteLength(text);
      return text;
    }
    left -= 8;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const kept = value.slice(0, LIST_ITEMS).map((one) => visit(one, depth + 1));
      return value.length > LIST_ITEMS ? [...kept, `… ${value.length - LIST_ITEMS} more`] : kept;
    }
    const entries = Object.entries(value).slice(0, LIST_ITEMS);
    return Object.fromEntries(entries.map(([key, member]) => [key.slice(0, 200), visit(member, depth + 1)]));
  };
  return visit(args, 0) as Record<string, unknown>;
}

/** Top-level arguments that a published schema marks as secret. */
export function secretFields(inputSchema: Record<string, unknown>): string[] {
  const properties = (inputSchema['properties'] ?? {}) as Record<
    string,
    { writeOnly?: unknown; format?: unknown } | null
  >;
  return Object.entries(properties)
    .filter(([, schema]) => schema?.writeOnly === true || schema?.format === 'password')
    .map(([name]) => name);
}
