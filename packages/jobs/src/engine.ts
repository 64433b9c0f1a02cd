import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cipher,
  type CommandRunner,
  FlotillaError,
  hideSecrets,
  type Logger,
  type Principal,
  type Redactor,
  type Runs,
  type RunView,
} from '@flotilla/core';
import type { Sql, StateStore } from '@flotilla/store';
import type { TicketDriver } from './driver/port.ts';
import { createParts } from './engine-assembly.ts';
import type { JobHandler, RunLimits } from './engine-parts.ts';
import { createExecution } from './executor.ts';
import { type ExecutorAccess, executorAccess } from './executors/access.ts';
import { type OutputQuery, type RunOutput, readOutput } from './output/read-output.ts';
import { answerRun, type RunAnswer } from './run/answer.ts';
import { cancelRun } from './run/cancel.ts';
import type { KnownRun } from './run/known-run.ts';
import { endedRuns, openRuns, type RowPage, type RunQuery } from './run/queries.ts';
import { resolveRun, retryRun, type Verdict } from './run/repeat.ts';
import { findRun, type RunRow, runState } from './run/run-rows.ts';
import { type RunSummary, toSummary, toView, type WhyQueued } from './run/run-view.ts';
import { type RunStats, runStats } from './run/stats.ts';
import { type Submitted, submitRun } from './run/submit.ts';
import { waitForRun } from './run/wait.ts';
import { stepsOf } from './steps/step-rows.ts';
import { openArgs, secretPathsOf } from './store/stored-args.ts';
import { releaseUnblocked } from './upkeep/reconcile.ts';
import { type PurgeQuery, purgeRuns } from './upkeep/retention.ts';
import { Upkeep } from './upkeep/upkeep.ts';

export interface RunsEngineOptions {
  /** Opened with `jobsSchema` among its parts. */
  store: StateStore;
  runner: CommandRunner;
  cipher: Cipher;
  redactor?: Redactor;
  log: Logger;
  /** Folder of output files, made with mode 0700. */
  outputDir: string;
  limits?: Partial<RunLimits>;
  /** Default: tickets in `store`. */
  driver?: TicketDriver;
  processId?: string;
  /** Said of a queued run that waits for no lock. */
  whyQueued?: WhyQueued;
  clock?: () => number;
}

export interface RunPage {
  runs: RunSummary[];
  total: number;
}

/** Durable runs over the state file: any number of processes may each have one over the same data folder. */
export interface RunsEngine {
  readonly runs: Runs;
  /** For executors in other processes that reach this data folder through this one. */
  readonly executors: ExecutorAccess;
  /** Tools that this process can execute; before or after `start`. */
  register(handlers: readonly JobHandler[]): void;
  /** Begins to execute, and adopts what dead processes left. */
  start(): Promise<void>;
  /** With `drain` waits for the runs of this process; otherwise their commands go on and others adopt them. */
  stop(options?: { drain?: boolean }): Promise<void>;
  /** Is it a run of this data folder? */
  knows(id: string): boolean;
  /** NOT_FOUND. */
  get(id: string): RunView;
  /** Open runs by default, first come first. */
  list(query?: RunQuery): RunPage;
  /** Ended runs, newest first. */
  history(query?: RunQuery): RunPage;
  output(id: string, query?: OutputQuery): RunOutput;
  /** Resolves once recorded; the end is seen by `runs.wait`. NOT_FOUND, CONFLICT when it has ended. */
  cancel(id: string, principal: Principal): Promise<RunView>;
  /** NOT_FOUND, CONFLICT when nothing is asked, DENIED for a secret unless a person answers, INVALID_INPUT when several steps ask. */
  answer(id: string, answer: RunAnswer, principal: Principal): Promise<RunView>;
  /** NOT_FOUND, CONFLICT for an open or interrupted run, QUEUE_FULL. */
  retry(id: string, options: { from?: 'start' | 'failed' }, principal: Principal): Promise<Submitted>;
  /** NOT_FOUND, CONFLICT unless interrupted. */
  resolve(id: string, verdict: Verdict, note: string, principal: Principal): Promise<RunView>;
  purge(query: PurgeQuery): Promise<{ count: number; ids: string[] }>;
  stats(): RunStats;
  /** The arguments as they were called with, fields that the tool declares secret masked. NOT_FOUND. */
  args(id: string): Record<string, unknown>;
  /** Runs `work` in one process of this data folder at a time; undefined when another one is at it. */
  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

export function createRunsEngine(options: RunsEngineOptions): RunsEngine {
  const parts = createParts(options);
  const upkeep = new Upkeep(parts);
  const fresh = new Map<string, KnownRun>();
  const onEnded = (runId: string, freed: boolean): void => {
    upkeep.forgetter.add(runId);
    if (!freed) return;
    releaseUnblocked(parts).catch((error: unknown) =>
      parts.log.error({ err: error }, 'runs that waited for a lock are released later'),
    );
  };
  const execution = createExecution(parts, { fresh, onEnded });
  const executors = executorAccess(parts, onEnded);
  const whyQueued: WhyQueued = (run) => {
    const health = parts.driver.sharesStore ? undefined : parts.driver.health();
    return health?.ok === false ? `waiting for the queue: ${health.detail}` : options.whyQueued?.(run);
  };
  const get = (id: string): RunView =>
    parts.store.read((sql) => toView(sql, required(sql, id), parts.sessions.get(id), whyQueued));
  const page = (rows: RowPage, sql: Sql): RunPage => ({
    runs: rows.rows.map((row) => toSummary(sql, row, parts.sessions.get(row.id), whyQueued)),
    total: rows.total,
  });
  const submitContext = { parts, fresh };

  let stopping: Promise<void> | undefined;

  return {
    runs: {
      submit: (request) => submitRun(submitContext, request),
      wait: (id, waitMs, waitOptions) => waitForRun(parts, get, id, waitMs, waitOptions),
    },
    executors,
    register: execution.register,
    async start() {
      stopping = undefined;
      mkdirSync(parts.outputDir, { recursive: true, mode: 0o700 });
      await parts.digests.prepare();
      await parts.driver.open();
      parts.watch.subscribe({ changed: () => parts.changes.emitAll(), eager: () => parts.changes.size > 0 });
      execution.start();
      upkeep.start();
    },
    stop(stopOptions) {
      stopping ??= (async () => {
        await upkeep.stop();
        await execution.stop(stopOptions);
        executors.close();
        parts.watch.stop();
      })();
      return stopping;
    },
    knows: (id) => parts.store.read((sql) => runState(sql, id)) !== undefined,
    get,
    list: (query = {}) => parts.store.read((sql) => page(openRuns(sql, query), sql)),
    history: (query = {}) => parts.store.read((sql) => page(endedRuns(sql, query), sql)),
    output: (id, query = {}) => {
      const steps = parts.store.read((sql) => stepsOf(sql, required(sql, id).id));
      parts.sessions.get(id)?.flushOutput();
      executors.flush(id);
      return readOutput(join(parts.outputDir, id), steps, query);
    },
    async cancel(id, principal) {
      if ((await cancelRun(parts, id, principal)).freed) await releaseUnblocked(parts);
      return get(id);
    },
    async answer(id, answer, principal) {
      await answerRun(parts, id, answer, principal);
      return get(id);
    },
    retry: (id, { from = 'start' }, principal) => retryRun(submitContext, id, from, principal),
    async resolve(id, verdict, note, principal) {
      if ((await resolveRun(parts, id, verdict, note, principal)).freed) await releaseUnblocked(parts);
      return get(id);
    },
    purge: (query) => purgeRuns(parts, query),
    args: (id) => {
      const { args } = parts.store.read((sql) => required(sql, id));
      return hideSecrets(openArgs(args, parts.cipher), secretPathsOf(args));
    },
    stats: () => parts.store.read((sql) => runStats(sql, parts.now(), parts.driver.health())),
    exclusively: (name, work) => parts.driver.exclusively(name, work),
  };
}

function required(sql: Sql, id: string): RunRow {
  const row = findRun(sql, id);
  if (!row) throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
  return row;
}
