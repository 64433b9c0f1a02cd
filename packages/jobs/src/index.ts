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
export { createRunsEngine, type RunsEngine, type RunsEngineOptions } from './engine.ts';
export { DEFAULT_LIMITS, type Job, type JobHandler, type RunLimits } from './engine-parts.ts';
export type { RunSummary } from './run/run-view.ts';
export { jobsSchema } from './store/schema.ts';
