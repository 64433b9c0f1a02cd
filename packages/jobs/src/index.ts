export { Changes } from './changes.ts';
export type {
  Consumer,
  Delivery,
  DriverHealth,
  Settlement,
  Ticket,
  TicketCounts,
  TicketDriver,
  TicketInfo,
} from './driver/port.ts';
export { createRunsEngine, type RunPage, type RunsEngine, type RunsEngineOptions } from './engine.ts';
export {
  DEFAULT_LIMITS,
  type ExecutorParts,
  type Job,
  type JobHandler,
  type RunLimits,
} from './engine-parts.ts';
export { createExecution, type Execution } from './executor.ts';
export type { ExecutorAccess, HeldRun } from './executors/access.ts';
export type { OutputPiece, PieceTaken } from './executors/output-desk.ts';
export type { OpenOutput, OutputSink, Outputs, StreamOfRun } from './output/outputs.ts';
export type { OutputQuery, RunOutput, StreamInfo } from './output/read-output.ts';
export type { RunAnswer } from './run/answer.ts';
export {
  type ClaimedRun,
  type ClaimKey,
  Fenced,
  type LedgerOp,
  type OpBatch,
  type RunLedger,
} from './run/ledger.ts';
export type { RunQuery } from './run/queries.ts';
export type { Verdict } from './run/repeat.ts';
export type { RunSummary } from './run/run-view.ts';
export type { RunStats } from './run/stats.ts';
export type { Submitted } from './run/submit.ts';
export { jobsSchema } from './store/schema.ts';
export type { PurgeQuery } from './upkeep/retention.ts';
