import type { JobContext, Progress, ServiceHost } from '@flotilla/core';
import type { Graph } from '../check/graph.ts';
import type { Pipeline } from '../definition/schema.ts';
import type { ChildRuns } from '../store/child-runs.ts';
import type { Locks } from '../store/locks.ts';
import type { StepResult } from './results.ts';

/** What the parts of one run of a pipeline share. */
export interface Running {
  job: JobContext;
  host: ServiceHost;
  pipeline: Pipeline;
  graph: Graph;
  /** Values of the inputs, defaults filled in. */
  inputs: Record<string, unknown>;
  /** Values of the vault, looked up anew by every process that takes the run up. */
  secrets: Record<string, unknown>;
  /** Tools whose calls may be made again, as it was when the run began. */
  again: ReadonlySet<string>;
  results: Map<string, StepResult>;
  children: ChildRuns;
  locks: Locks;
  /** Tells who watches how a step gets on. */
  report(step: string, update?: Progress): void;
}

/** The run is being stopped by a person or its time limit, and not handed to another process. */
export const isStopped = ({ job }: Pick<Running, 'job'>): boolean =>
  job.signal.aborted && typeof job.signal.reason === 'string';

/** This process no longer executes the run: nothing more may happen here. */
export const isLetGo = ({ job }: Pick<Running, 'job'>): boolean =>
  job.signal.aborted && typeof job.signal.reason !== 'string';
