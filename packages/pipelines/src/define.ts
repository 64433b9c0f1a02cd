import type { AnyTool } from '@flotilla/core';
import type { z } from 'zod';
import type { PipelineInput, StepInput } from './definition/schema.ts';

/** Text with an expression in it: it may stand for any value. */
export type Expression = `${string}\${{${string}`;

/** The arguments of a tool, each of which may be an expression. */
export type With<T> =
  | Expression
  | (T extends readonly (infer One)[]
      ? readonly With<One>[]
      : T extends object
        ? { [K in keyof T]: With<T[K]> }
        : T);

type Arguments<T extends AnyTool> = { [K in keyof z.input<T['input']>]: With<z.input<T['input']>[K]> };

interface Typed<T extends AnyTool> {
  /** The tool itself, whose arguments are then checked by the compiler. */
  tool: T;
  with: Arguments<T>;
}
interface Named {
  tool: string;
  with?: Record<string, unknown>;
}
type Back = NonNullable<StepInput['undo']> | { tool: AnyTool; with: Record<string, unknown> };
type Rest = Omit<StepInput, 'key' | 'tool' | 'with' | 'undo'> & { undo?: Back };

/** An undo whose arguments the compiler checks. */
export function undo<T extends AnyTool>(call: Typed<T>): NonNullable<StepInput['undo']> {
  return { tool: call.tool.name, with: call.with as Record<string, unknown> };
}

/** A step of a pipeline: with a tool object its arguments are checked by the compiler, with a name when it is planned. */
export function step<T extends AnyTool>(key: string, call: Typed<T> & Rest): StepInput;
export function step(key: string, call: Named & Rest): StepInput;
export function step(key: string, call: (Typed<AnyTool> | Named) & Rest): StepInput {
  const { tool, with: args = {}, undo: back, ...rest } = call;
  return {
    key,
    tool: nameOf(tool),
    with: args as Record<string, unknown>,
    ...rest,
    ...(back && { undo: { tool: nameOf(back.tool), with: back.with ?? {} } }),
  };
}

const nameOf = (tool: string | AnyTool): string => (typeof tool === 'string' ? tool : tool.name);

/** A pipeline as data, to be the default export of a file that `flotilla pipeline` is given. */
export function pipeline(
  name: string,
  steps: readonly StepInput[],
  more: Omit<PipelineInput, 'name' | 'steps'> = {},
): PipelineInput {
  return { name, ...more, steps: [...steps] };
}

/** `${{ text }}`, for texts that the editor would take for a template of its own. */
export const expression = (text: string): Expression => `\${{ ${text} }}`;
