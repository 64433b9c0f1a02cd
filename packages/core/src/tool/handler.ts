import type { z } from 'zod';
import { FlotillaError } from '../errors.ts';
import type { CompiledTool } from './compile.ts';
import type { JobContext, ToolContext } from './context.ts';

export interface HandlerResult {
  output: Record<string, unknown>;
  isError: boolean;
}

/**
 * Runs the handler and checks what it returns. The runs engine executes job tools through this too.
 * Throws what the handler throws, and INTERNAL when its output does not fit its own schema.
 */
export async function runHandler(
  compiled: CompiledTool,
  context: ToolContext | JobContext,
  input: Record<string, unknown>,
): Promise<HandlerResult> {
  const { tool } = compiled;
  const returned: unknown = await tool.run(context as JobContext, input);
  const checked: z.ZodSafeParseResult<Record<string, unknown>> = tool.output.safeParse(returned);
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, 5).map((i) => `${i.path.join('.')}: ${i.message}`);
    throw new FlotillaError('INTERNAL', `${tool.name} returned data that do not fit its output schema.`, {
      details: { issues },
    });
  }
  const output = checked.data;
  return { output, isError: tool.isError?.(output) ?? false };
}
