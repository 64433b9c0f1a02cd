import { ERROR_CODES } from '@flotilla/core';
import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { NAME, PipelineName } from './name.ts';

/** Names that expressions can reach by a dot. */
const KEY = /^[a-z][a-z0-9_]{0,29}$/;

const Key = z
  .string()
  .regex(KEY, 'small letters, digits and underscore, at most 30, beginning with a letter');
const Text = z.string().min(1).max(2_000);
/** Seconds. */
const Seconds = z.number().min(1).max(604_800);
const Arguments = z.record(z.string().max(200), z.unknown());
const Call = z.strictObject({ tool: z.string().min(1).max(128), with: Arguments.default({}) });

/** Besides the codes of failures: the tool answered, and its answer is an error (a command that ended with 1). */
export const ANSWERED_ERROR = 'ERROR_ANSWER';

const Retry = z.strictObject({
  maxAttempts: z.number().int().min(1).max(20),
  /** Seconds before the second attempt; each further wait is twice as long. */
  backoff: z.number().min(0).max(3_600).default(5),
  maxBackoff: z.number().min(0).max(86_400).default(300),
  on: z
    .array(z.enum([...ERROR_CODES, ANSWERED_ERROR]))
    .min(1)
    .optional(),
});

const ForEach = z.union([
  z.strictObject({
    /** A target expression (`group:web`, `all`, …), several of them, or an expression that gives one. */
    hosts: z.union([Text, z.array(Text).min(1).max(LIMITS.items)]),
    ...forEachRules(),
  }),
  z.strictObject({
    /** An expression that gives a list, or the list. */
    items: z.union([Text, z.array(z.unknown()).max(LIMITS.items)]),
    ...forEachRules(),
  }),
]);

function forEachRules() {
  return {
    maxParallel: z.number().int().min(1).max(100).default(1),
    /** Items of the first batch; when one of them fails, no further batch begins. */
    canary: z.number().int().min(1).max(100).optional(),
    /** No further batch begins after so many failures. */
    stopAfterFailures: z.number().int().min(1).max(LIMITS.items).optional(),
  };
}

const Approval = z.strictObject({
  prompt: Text.default('May this step run?'),
  /** Seconds. */
  expires: z.number().min(1).max(2_592_000).default(86_400),
});

export const Step = z.strictObject({
  key: Key,
  title: z.string().max(200).optional(),
  tool: z.string().min(1).max(128),
  with: Arguments.default({}),
  needs: z.array(Key).max(100).default([]),
  when: Text.default('success'),
  retry: Retry.optional(),
  timeout: Seconds.optional(),
  forEach: ForEach.optional(),
  lock: z.string().min(1).max(200).optional(),
  approval: Approval.optional(),
  undo: Call.optional(),
  onFailure: z.enum(['undo', 'stop', 'continue']).optional(),
});

export const Input = z.strictObject({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']).default('string'),
  description: z.string().max(500).optional(),
  required: z.boolean().default(false),
  default: z.unknown().optional(),
  enum: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .max(100)
    .optional(),
  secret: z.boolean().default(false),
});

const Triggers = z.strictObject({
  schedule: z
    .strictObject({
      cron: z.string().min(1).max(200),
      tz: z.string().max(64).optional(),
      inputs: Arguments.optional(),
    })
    .optional(),
  webhook: z
    .strictObject({
      /** Name of a secret of the vault: the key of the signature, or the bearer token. */
      secret: z.string().regex(NAME),
      /** Inputs from the body: name → expression over `body`. */
      inputs: z.record(Key, Text).default({}),
    })
    .optional(),
});

export const Pipeline = z.strictObject({
  name: PipelineName,
  description: z.string().max(2_000).optional(),
  inputs: z.record(Key, Input).default({}),
  secrets: z.array(Key).max(50).default([]),
  locks: z.array(z.string().min(1).max(200)).max(20).default([]),
  /** When another run holds one of `locks`: wait for it, fail at once, or cancel it and wait for its end. */
  onLocked: z.enum(['wait', 'fail', 'replace']).default('wait'),
  triggers: Triggers.optional(),
  onFailure: z.enum(['undo', 'stop']).default('undo'),
  steps: z.array(Step).min(1).max(LIMITS.steps),
});

export type Pipeline = z.output<typeof Pipeline>;
export type PipelineInput = z.input<typeof Pipeline>;
export type Step = z.output<typeof Step>;
export type StepInput = z.input<typeof Step>;
export type ForEach = z.output<typeof ForEach>;
export type ToolCall = z.output<typeof Call>;
export type Input = z.output<typeof Input>;
