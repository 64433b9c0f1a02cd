import { type FlotillaError, isFlotillaError, type JobContext, type StepContext } from '@flotilla/core';
import type { ChangeReport, GateReport, RollbackReport } from './change-report.ts';
import { sealedStep } from './sealed-step.ts';

export interface Problem {
  reason: string;
  /** Text of the host. */
  remote?: string;
}

type Looking = Pick<StepContext, 'signal' | 'progress'>;

/**
 * A change to what runs on one host, in four parts. Each may be run again from its beginning after a crash of the hub,
 * so each looks at what is there before it acts; `apply` takes steps of its own.
 */
export interface Change<Before> {
  alias: string;
  /** All that `rollback` needs; kept encrypted with the run. Protects the images of what runs. */
  record(signal: AbortSignal): Promise<Before>;
  /** Returns why it could not be applied. */
  apply(before: Before): Promise<Problem | undefined>;
  gate(before: Before, context: Looking): Promise<GateReport>;
  /** Brings back what ran before, whatever is there now. */
  rollback(before: Before, signal: AbortSignal): Promise<RollbackReport>;
  /** After the gate: removes what was kept for a rollback. */
  finish?(before: Before, signal: AbortSignal): Promise<void>;
}

/**
 * Record → apply → health gate → done, or rolled back. A cancelled change is rolled back, too, before the run ends.
 * One whose command has an unknown outcome (INTERRUPTED) is left for a person: it may still be under way.
 */
export async function carryOut<Before>(job: JobContext, change: Change<Before>): Promise<ChangeReport> {
  const { alias } = change;
  const before = await sealedStep(job, 'before', alias, change.record);
  try {
    const problem = await applied(job, change, before);
    if (problem) return await undo(job, change, before, problem);
    const gate = await job.step.repeatable('gate', (context) => change.gate(before, context), { alias });
    if (gate.verdict !== 'ready') return { ...(await undo(job, change, before, ofGate(gate))), gate };
    if (change.finish) {
      const { finish } = change;
      await job.step.repeatable('finish', async ({ signal }) => finish(before, signal), { alias });
    }
    return { outcome: 'applied', gate };
  } catch (error) {
    if (stoppedByPerson(job) && !(isFlotillaError(error) && error.code === 'INTERRUPTED'))
      await change.rollback(before, new AbortController().signal).catch((cause: unknown) => {
        job.log.error({ err: cause, alias }, 'a cancelled change could not be rolled back');
      });
    throw error;
  }
}

/** Cancelled or out of time. A run that merely goes to another process is aborted without a reason: that one goes on. */
export const stoppedByPerson = ({ signal }: Pick<JobContext, 'signal'>): boolean =>
  signal.aborted && (signal.reason === 'cancelled' || signal.reason === 'timeout');

/** A stop of the run and an unknown outcome pass through; every other failure is a reason to roll back. */
async function applied<Before>(
  job: JobContext,
  change: Change<Before>,
  before: Before,
): Promise<Problem | undefined> {
  try {
    return await change.apply(before);
  } catch (error) {
    if (!isFlotillaError(error) || job.signal.aborted || error.code === 'INTERRUPTED') throw error;
    return { reason: trimmed(error), ...remoteOf(error) };
  }
}

const trimmed = (error: FlotillaError): string => error.message.replace(/\.$/, '');

export const remoteOf = (error: FlotillaError): { remote?: string } => {
  const { remote } = error.details;
  return typeof remote === 'string' && remote !== '' ? { remote } : {};
};

function ofGate({ verdict, containers }: GateReport): Problem {
  const [worst] = containers
    .filter((one) => one.verdict === 'failed')
    .concat(containers.filter((one) => one.verdict === 'waiting'));
  if (!worst) return { reason: 'no container runs' };
  const late = verdict === 'waiting' ? 'not ready in time: ' : '';
  return { reason: `${late}${worst.container}: ${worst.reason}` };
}

async function undo<Before>(
  job: JobContext,
  change: Change<Before>,
  before: Before,
  { reason, remote }: Problem,
): Promise<ChangeReport> {
  const rollback = await rolledBack(job, change, before);
  return {
    outcome: rollback.problems.length === 0 ? 'rolled_back' : 'rollback_failed',
    reason,
    ...(remote !== undefined && { remote }),
    rollback,
  };
}

/** A rollback that cannot even be tried is a report, too: what the host has then must be looked at. */
async function rolledBack<Before>(
  job: JobContext,
  change: Change<Before>,
  before: Before,
): Promise<RollbackReport> {
  const options = { alias: change.alias, retry: { maxAttempts: 5, backoffMs: 2_000, maxBackoffMs: 15_000 } };
  try {
    return await job.step.repeatable('rollback', ({ signal }) => change.rollback(before, signal), options);
  } catch (error) {
    if (!isFlotillaError(error) || job.signal.aborted) throw error;
    const what = `the rollback could not be carried out: ${error.message}`;
    return { restored: [], removed: [], problems: [{ what, ...remoteOf(error) }] };
  }
}
