import { RUN_STATES } from '@flotilla/core';
import { z } from 'zod';

const State = z.enum(RUN_STATES);
/** The output of a call to many hosts holds what each of them said. */
const text = z.string().max(64 * 1024 * 1024);
const time = z.number().int().nonnegative();
const StepKey = z.string().regex(/^[a-z0-9_.-]{1,40}$/);
/** Empty for a step of no host. */
export const StepAlias = z.string().regex(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/);
const at = { key: StepKey, alias: StepAlias };

const Change = z.strictObject({
  state: State.optional(),
  acked: z.int().min(0).max(1).optional(),
  outcome: text.nullish(),
  exit_code: z.number().int().nullish(),
  signal: z.string().max(40).nullish(),
  question: text.nullish(),
  asked_at: time.nullish(),
  failure: text.nullish(),
  note: text.nullish(),
  ended_at: time.nullish(),
  remote: z.enum(['kept', 'ended', 'stopping']).nullish(),
});

/** As the changes of jobs' ledger. */
export const Op = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('intent'),
    step: z.strictObject({
      ...at,
      kind: z.enum(['command', 'repeatable', 'once', 'approval']),
      attempt: z.int().min(1),
      command_id: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,120}$/)
        .nullable(),
      intent_at: time,
      remote: z.enum(['kept', 'ended', 'stopping']).nullable(),
    }),
  }),
  z.strictObject({ op: z.literal('step'), ...at, change: Change }),
  z.strictObject({ op: z.literal('question'), ...at, change: Change }),
  z.strictObject({ op: z.literal('compensate') }),
  z.strictObject({
    op: z.literal('live'),
    progress: text.nullable(),
    waitingFor: text.nullable(),
    tail: text,
  }),
  z.strictObject({
    op: z.literal('end'),
    end: z.strictObject({
      state: State,
      endedAt: time,
      output: text.optional(),
      isError: z.boolean().optional(),
      failure: text.optional(),
      tail: text,
      note: text.optional(),
      progress: text.optional(),
    }),
  }),
]);

export const OutputStream = z.strictObject({
  ...at,
  attempt: z.int().min(1).max(1_000_000),
  stream: z.enum(['stdout', 'stderr']),
});
