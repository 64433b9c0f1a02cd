import type { PublishedTool } from '@flotilla/core';
import { z } from 'zod';

const jsonObject = z.record(z.string(), z.unknown());
const objectSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.union([jsonObject, z.boolean()])).optional(),
  required: z.array(z.string()).optional(),
});

/**
 * What every client's parser expects of a tool; one tool that breaks it would cost the client the whole list.
 * Unknown fields pass.
 */
const ListedTool = z.looseObject({
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names with control characters are refused
  name: z.string().regex(/^[^\u0000-\u0020\u007f-\u009f]{1,128}$/, 'a name of 1 to 128 visible characters'),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: objectSchema,
  outputSchema: jsonObject.optional(),
  annotations: z
    .looseObject({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
  icons: z.array(z.looseObject({ src: z.string() })).optional(),
  execution: z
    .looseObject({ taskSupport: z.enum(['required', 'optional', 'forbidden']).optional() })
    .optional(),
  _meta: jsonObject.optional(),
});

const MAX_TOOL_BYTES = 256 * 1024;
const MAX_DEPTH = 100;

function depth(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit === 0) return 1;
  let deepest = 0;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depth(member, limit - 1));
  return deepest + 1;
}

/** A tool of a foreign list as it is, or why it cannot be offered. */
export function checkTool(
  raw: unknown,
): { tool: PublishedTool; issue?: string } | { tool?: undefined; issue: string } {
  if (depth(raw, MAX_DEPTH + 1) > MAX_DEPTH) return { issue: `a tool is nested more than ${MAX_DEPTH} deep` };
  const parsed = ListedTool.safeParse(raw);
  if (!parsed.success) {
    const name = (raw as { name?: unknown } | null)?.name;
    const first = parsed.error.issues[0];
    const label = typeof name === 'string' ? JSON.stringify(name.slice(0, 64)) : 'a tool without a name';
    return { issue: `${label}: ${first?.path.join('.')}: ${first?.message}` };
  }
  const label = JSON.stringify(parsed.data.name.slice(0, 64));
  if (JSON.stringify(raw).length > MAX_TOOL_BYTES)
    return { issue: `${label}: larger than ${MAX_TOOL_BYTES} bytes` };
  const { outputSchema, ...rest } = raw as PublishedTool;
  if (outputSchema === undefined || outputSchema['type'] === 'object') return { tool: raw as PublishedTool };
  return { tool: rest, issue: `${label}: its output schema is not an object's and is not shown` };
}
