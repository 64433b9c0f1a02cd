import type { CapturedOutput, Failure, HostRecord, HostView } from '@flotilla/core';
import type { ClaimedRun } from '@flotilla/jobs';
import { z } from 'zod';
import type { TakenErrand } from '../desk/errands.ts';
import { Op, OutputStream, StepAlias } from './ops.ts';

/** Where the hub takes requests of its workers. */
export const WORKER_PATH = '/worker/v1/';

const RunId = z.string().regex(/^run_[0-9A-Z]{26}$/);
const Fence = z.int().positive();
const names = z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/)).max(64);

/** Why a worker may have a host: a run that it holds, a call or an errand that the hub sent it, or a standing token. */
export const Grounds = z.union([
  z.strictObject({ run: z.strictObject({ id: RunId, fence: Fence }) }),
  z.strictObject({ call: z.string().max(20_000) }),
  z.strictObject({ errand: z.strictObject({ worker: z.string().max(80), id: z.uuid() }) }),
  z.strictObject({ standing: z.literal(true) }),
]);
export type Grounds = z.output<typeof Grounds>;

const instance = { worker: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/), lanes: names, labels: names };

/** What a worker may ask for, by the last part of the path. */
export const REQUESTS = {
  hello: z.strictObject({ version: z.string().max(40), ...instance }),
  claim: z.strictObject({ key: z.strictObject({ runId: RunId, epoch: z.int().positive(), fence: Fence }) }),
  write: z.strictObject({ runId: RunId, fence: Fence, durable: z.boolean(), ops: z.array(Op).max(10_000) }),
  output: z.strictObject({
    runId: RunId,
    fence: Fence,
    stream: OutputStream,
    offset: z.number().int().nonnegative(),
    /** Base64. */
    data: z.string(),
    end: z.boolean(),
  }),
  lease: z.strictObject({ grounds: Grounds }),
  pin: z.strictObject({
    grounds: Grounds,
    alias: StepAlias,
    pin: z.strictObject({ type: z.string().max(100), fingerprint: z.string().max(200) }),
    revision: z.number().int().optional(),
  }),
  poll: z.strictObject({
    version: z.string().max(40),
    ...instance,
    /** How the worker finds its queue. */
    queue: z
      .strictObject({
        ok: z.boolean(),
        detail: z.string().max(1_000),
        identity: z.string().max(100).optional(),
      })
      .optional(),
  }),
  done: z.strictObject({
    worker: instance.worker,
    id: z.uuid(),
    result: z.union([z.strictObject({ value: z.unknown() }), z.strictObject({ failure: z.looseObject({}) })]),
  }),
} as const;

export type RequestName = keyof typeof REQUESTS;
export type Request<N extends RequestName> = z.input<(typeof REQUESTS)[N]>;

/** What handlers on a worker have to know of the hub's config. */
export interface WorkerSettings {
  /** Tells the tickets of this hub from those of others in the same Redis. */
  fleet: string;
  commandTimeoutMs: number;
  interactiveTimeoutMs: number;
  maxWaitMs: number;
  readonly: boolean;
  commandDeny: readonly string[];
  /** Open questions end after this time; intents that no host confirmed, too. */
  questionMs: number;
  intentMs: number;
  capturedBytes: number;
  /** `servers.<name>` of the lanes of this worker. */
  servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What in `servers` is secret, to be masked. */
  secrets: readonly string[];
}

/** Hosts with their secrets, for as long as the grounds last. */
export interface HostLease {
  /** The hosts that the target words mean, and their bastions. */
  records: HostRecord[];
  /** What each target word means. */
  views: Record<string, HostView[]>;
  /** Words and aliases that cannot be had, and why. */
  failures: Record<string, Failure>;
}

export interface Answers {
  hello: { version: string; now: number; settings: WorkerSettings };
  claim: { refused: 'elsewhere' | 'refused' } | { run: ClaimedRun; lease: HostLease; now: number };
  write: { cancelled: boolean };
  output: { received: number; captured?: CapturedOutput };
  lease: HostLease;
  pin: Record<string, never>;
  /** Errands to be done now, each with the lease of its host. */
  poll: { errands: (TakenErrand & { lease: HostLease })[] };
  done: Record<string, never>;
}
