import type { z } from 'zod';
import type { EffectOf } from '../effects.ts';
import type { RetryPolicy } from '../ports/steps.ts';
import type { JobContext, ToolContext } from './context.ts';

type Shape = z.ZodObject;

export interface ToolImage {
  mimeType: 'image/png';
  data: Uint8Array;
}

interface ToolBase<I extends Shape, O extends Shape> {
  /** [a-z0-9_], at most 48 characters, unique over all built-in servers. */
  name: string;
  title: string;
  /** At most four sentences: what it answers, when to use it, what it changes, the least obvious argument. */
  description: string;
  effect: EffectOf<z.output<I>>;
  input: I;
  output: O;
  /** Short rendering for clients that show only text: the finding first, then the payload. */
  text?: (output: z.output<O>, input: z.output<I>) => string;
  /**
   * Pictures beside the text, drawn from the output as it is answered (redacted and capped). A picture that cannot be
   * drawn is left out and said so; job tools have none.
   */
  images?: (output: z.output<O>, input: z.output<I>) => Promise<readonly ToolImage[]>;
  /** The answer is an output, but the model must see that it went wrong (a non-zero exit code). */
  isError?: (output: z.output<O>) => boolean;
  /** Aliases named by the input, for the gate, the audit and the run; default: the argument `alias`. */
  targets?: (input: z.output<I>) => string | readonly string[] | undefined;
  /** The call talks to something beyond the hub (default true). MCP openWorldHint. */
  openWorld?: boolean;
}

export interface InlineTool<I extends Shape = Shape, O extends Shape = Shape> extends ToolBase<I, O> {
  run(context: ToolContext, input: z.output<I>): Promise<z.output<O>>;
  job?: undefined;
}

export interface JobSettings<Input> {
  /** Time limit of the whole run; 0 = none. Commands have their own. */
  timeoutMs: number;
  retry?: RetryPolicy;
  /** Longest time the caller waits before the handle; default the sync timeout; 0 = handle at once. */
  waitMs?: number;
  /** One line for lists, without secrets. */
  summary(input: Input): string;
  /** The handler may start again from the top after a lost worker even for calls that are not commands. */
  locks?: (input: Input) => readonly string[];
  /** A valid dry run and the like need no durable run: answered inline. */
  inline?: (input: Input) => boolean;
}

/** Every call is a durable run. Its handler may be replayed from the top. */
export interface JobTool<I extends Shape = Shape, O extends Shape = Shape> extends ToolBase<I, O> {
  job: JobSettings<z.output<I>>;
  run(context: JobContext, input: z.output<I>): Promise<z.output<O>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of tools holds handlers of any input; each is called with its own parsed input only
export type AnyTool = InlineTool<any, any> | JobTool<any, any>;

/** Identity, for the types: a tool is one object. */
export function defineTool<I extends Shape, O extends Shape>(tool: JobTool<I, O>): JobTool<I, O>;
export function defineTool<I extends Shape, O extends Shape>(tool: InlineTool<I, O>): InlineTool<I, O>;
export function defineTool(tool: AnyTool): AnyTool {
  return tool;
}
