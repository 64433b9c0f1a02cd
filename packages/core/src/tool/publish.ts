import { z } from 'zod';
import { type Effect, maxEffect } from '../effects.ts';
import type { PublishedTool } from './answer.ts';
import type { AnyTool } from './define-tool.ts';

type JsonSchema = Record<string, unknown>;

const string = { type: 'string' };

const RUN_HANDLE: JsonSchema = {
  type: 'object',
  properties: {
    run: {
      type: 'object',
      properties: { id: string, state: string, summary: string, tail: string, next: string },
      required: ['id', 'state', 'next'],
    },
  },
  required: ['run'],
};

const FAILURE: JsonSchema = {
  type: 'object',
  properties: {
    error: { const: true },
    code: string,
    message: string,
    details: { type: 'object' },
    hint: string,
    timestamp: string,
  },
  required: ['error', 'code', 'message'],
};

/** Fields that older clients' validators refuse, or that only cost tokens. */
function simplify(schema: JsonSchema, io: 'input' | 'output'): void {
  if (schema['x-flotilla-secret'] === true) schema['writeOnly'] = true;
  delete schema['x-flotilla-secret'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (io === 'output') delete schema['format'];
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    target: 'draft-7',
    unrepresentable: 'any',
    reused: 'inline',
    cycles: 'throw',
    override: (context) => simplify(context.jsonSchema as JsonSchema, io),
  }) as JsonSchema;
  const { $schema, ...rest } = made;
  return rest;
}

function annotations(tool: AnyTool, effect: Effect): Record<string, unknown> {
  return {
    title: tool.title,
    readOnlyHint: effect === 'read',
    destructiveHint: effect === 'destroy',
    idempotentHint: effect === 'read',
    openWorldHint: tool.openWorld ?? true,
  };
}

/** The tool as clients list it. Its output schema admits every answer a call can give. */
export function publishTool(tool: AnyTool): PublishedTool {
  const answers = [jsonSchema(tool.output, 'output'), ...(tool.job ? [RUN_HANDLE] : []), FAILURE];
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input.strict(), 'input'),
    outputSchema: { type: 'object', anyOf: answers },
    annotations: annotations(tool, maxEffect(tool.effect)),
  };
}
