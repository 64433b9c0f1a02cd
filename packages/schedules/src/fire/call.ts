import {
  type CallResult,
  FlotillaError,
  isFlotillaError,
  type Principal,
  type ServiceHost,
} from '@flotilla/core';
import type { FiringStore } from '../store/firing-store.ts';
import type { ScheduleStore } from '../store/schedule-store.ts';
import { openCall, secretValues } from '../store/sealed-call.ts';
import type { Firing, FiringFailure } from '../store/types.ts';
import type { ToolFinder } from './find-tool.ts';

const BEAT_MS = 1_000;
const OUTPUT_BYTES = 4_000;

export interface CallMaker {
  /** Names this process in the rows of its calls. */
  caller: string;
  /**
   * Makes the call of a firing that is this process's, and records what became of it. Throws what the call answers
   * with, which is recorded as well, but for a firing by time that `signal` ends: that one another process takes over.
   */
  make(firing: Firing, signal: AbortSignal): Promise<CallResult>;
  isUnderWay(id: number): boolean;
  /** Ends a call of this process that is no run. One that becomes a run is ended as a run. */
  stop(id: number): void;
}

interface CallParts {
  host: ServiceHost;
  schedules: ScheduleStore;
  firings: FiringStore;
  tools: ToolFinder;
  caller: string;
}

export function createCallMaker({ host, schedules, firings, caller, tools }: CallParts): CallMaker {
  const underWay = new Map<number, { stopping: AbortController; job: boolean }>();
  const make = async (
    firing: Firing,
    signal: AbortSignal,
    stopping: AbortController,
  ): Promise<CallResult> => {
    try {
      const { tool, args, principal } = openFiring(host, firings, firing);
      const known = await tools.find(tool, signal);
      if (!known) throw noTool(tool);
      underWay.set(firing.id, { stopping, job: known.job });
      for (const value of secretValues(args, known.secretPaths)) host.redactor.add(value);
      const result = await host.calls.call(tool, args, {
        principal:
          firing.kind === 'hand' ? principal : marked(principal, schedules.byId(firing.schedule)?.name),
        signal: AbortSignal.any([signal, stopping.signal]),
        idempotencyKey: keyOf(firing),
      });
      if ('runId' in result) await firings.recordRun(firing.id, result.runId);
      else await firings.end(firing.id, endingOf(host, result), caller);
      return result;
    } catch (error) {
      const runId = runBehind(error);
      if (runId !== undefined) await firings.recordRun(firing.id, runId);
      if (runId !== undefined || (signal.aborted && firing.kind === 'time')) throw error;
      const failure = failureOf(host, error);
      const ended = stopping.signal.aborted
        ? { state: 'cancelled' as const, reason: 'replaced by a later one' }
        : { state: stateOf(failure), failure };
      await firings.end(firing.id, ended, caller);
      throw error;
    }
  };
  return {
    caller,
    async make(firing, signal) {
      const stopping = new AbortController();
      underWay.set(firing.id, { stopping, job: false });
      const beating = setInterval(
        () => firings.beat(firing.id, caller).catch(() => undefined),
        BEAT_MS,
      ).unref();
      try {
        return await make(firing, signal, stopping);
      } finally {
        clearInterval(beating);
        underWay.delete(firing.id);
      }
    },
    isUnderWay: (id) => underWay.has(id),
    stop(id) {
      const { stopping, job = false } = underWay.get(id) ?? {};
      if (!job) stopping?.abort();
    },
  };
}

/** A second call with it answers with the first one's run: a firing that is taken up again starts nothing twice. */
const keyOf = ({ schedule, kind, fireAt }: Firing): string =>
  kind === 'time' ? `schedule:${schedule}:${fireAt}` : `schedule:${schedule}:hand:${fireAt}`;

function openFiring(host: ServiceHost, firings: FiringStore, { id, schedule }: Firing) {
  const sealed = firings.call(id);
  if (sealed === undefined)
    throw new FlotillaError(
      'CONFLICT',
      'The schedule was removed, or another process took the call over; nothing was called here.',
    );
  return openCall(host.cipher, schedule, sealed);
}

/** The run that a server in another process went on with when its answer was not waited for any more. */
function runBehind(error: unknown): string | undefined {
  if (!isFlotillaError(error) || error.code !== 'CANCELLED') return undefined;
  const { runId } = error.details;
  return typeof runId === 'string' ? runId : undefined;
}

/** In the audit log it is told from what the client itself has called; for the rules it is the same client. */
const marked = ({ client, ...who }: Principal, schedule = ''): Principal => ({
  ...who,
  ...(client && { client: { ...client, version: `${client.version}, schedule ${schedule}` } }),
});

const noTool = (name: string): FlotillaError =>
  new FlotillaError('NOT_FOUND', `There is no tool ${name} any more.`, {
    hint: 'Was its server taken out of the config? Change the schedule with schedule_add, or remove it.',
  });

const stateOf = ({ code }: FiringFailure): 'cancelled' | 'timed_out' | 'failed' =>
  code === 'CANCELLED' ? 'cancelled' : code === 'TIMEOUT' ? 'timed_out' : 'failed';

function endingOf(host: ServiceHost, { output, isError }: Extract<CallResult, { output: unknown }>) {
  const text = host.redactor.text(JSON.stringify(output));
  const cut = text.length > OUTPUT_BYTES ? `${text.slice(0, OUTPUT_BYTES)}…` : text;
  return isError
    ? { state: 'failed' as const, reason: 'its answer says that it failed', output: cut }
    : { state: 'succeeded' as const, output: cut };
}

export function failureOf(host: ServiceHost, error: unknown): FiringFailure {
  if (!isFlotillaError(error)) {
    host.log.error({ err: error }, 'a scheduled call failed in an unknown way');
    return {
      code: 'INTERNAL',
      message: 'The call failed in a way that was not foreseen; task_logs has more.',
    };
  }
  return { code: error.code, message: host.redactor.text(error.message).slice(0, 500) };
}
