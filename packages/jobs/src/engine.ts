import { mkdirSync } from 'node:fs';
import {
  type Cipher,
  type CommandRunner,
  FlotillaError,
  type Logger,
  type Redactor,
  type Runs,
  type RunView,
} from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import { Changes } from './changes.ts';
import { EmbeddedDriver } from './driver/embedded.ts';
import type { Delivery, TicketDriver } from './driver/port.ts';
import {
  DEFAULT_LIMITS,
  type EngineParts,
  handlerKey,
  type JobHandler,
  type RunLimits,
} from './engine-parts.ts';
import { ticketId } from './ids.ts';
import { executeDelivery, type FreshRun } from './run/execute.ts';
import { unblockedRuns } from './run/locks.ts';
import { findRun } from './run/run-rows.ts';
import { toView } from './run/run-view.ts';
import { submitRun } from './run/submit.ts';
import { waitForRun } from './run/wait.ts';
import { Digests } from './store/digest.ts';
import { ForeignWatch } from './store/foreign-watch.ts';

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
  clock?: () => number;
}

export interface RunsEngine {
  readonly runs: Runs;
  register(handlers: readonly JobHandler[]): void;
  start(): Promise<void>;
  stop(options?: { drain?: boolean }): Promise<void>;
  get(id: string): RunView;
}

export function createRunsEngine(options: RunsEngineOptions): RunsEngine {
  const parts = createParts(options);
  const fresh = new Map<string, FreshRun>();
  let running = false;

  const get = (id: string): RunView => {
    const view = parts.store.read((sql) => {
      const row = findRun(sql, id);
      return row && toView(sql, row, parts.sessions.get(id));
    });
    if (!view) throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
    return view;
  };
  const releaseBlocked = async (): Promise<void> => {
    const ready = parts.store.read(unblockedRuns);
    await parts.driver.enqueueMany(ready.map((run) => ({ id: ticketId(run.id, run.epoch), lane: run.lane })));
  };
  const onFreed = (): void => {
    releaseBlocked().catch((error: unknown) =>
      parts.log.error({ err: error }, 'blocked runs were not released'),
    );
  };
  const consume = (lane: string): void => {
    parts.driver.consume(lane, {
      concurrency: parts.limits.concurrency,
      handler: (delivery: Delivery) => {
        const runId = delivery.ticket.id.slice(0, delivery.ticket.id.lastIndexOf('.'));
        return executeDelivery(parts, delivery, fresh.get(runId), onFreed);
      },
    });
  };
  const lanes = (): string[] => [...new Set([...parts.handlers.values()].map((handler) => handler.lane))];

  return {
    runs: {
      submit: (request) => submitRun({ parts, fresh }, request),
      wait: (id, waitMs, waitOptions) => waitForRun(parts, get, id, waitMs, waitOptions),
    },
    register(handlers) {
      for (const handler of handlers) parts.handlers.set(handlerKey(handler.lane, handler.tool), handler);
      if (running) for (const lane of lanes()) consume(lane);
    },
    async start() {
      mkdirSync(parts.outputDir, { recursive: true, mode: 0o700 });
      await parts.digests.prepare();
      await parts.driver.open();
      parts.watch.subscribe({ changed: () => parts.changes.emitAll(), eager: () => parts.changes.size > 0 });
      running = true;
      for (const lane of lanes()) consume(lane);
    },
    async stop(stopOptions) {
      running = false;
      await parts.driver.close(stopOptions);
      parts.watch.stop();
    },
    get,
  };
}

function createParts(options: RunsEngineOptions): EngineParts {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const watch = new ForeignWatch(options.store);
  return {
    store: options.store,
    runner: options.runner,
    cipher: options.cipher,
    redactor: options.redactor,
    log: options.log,
    outputDir: options.outputDir,
    limits,
    now: options.clock ?? Date.now,
    driver:
      options.driver ??
      new EmbeddedDriver({
        store: options.store,
        watch,
        leaseMs: limits.leaseMs,
        ...(options.processId && { processId: options.processId }),
      }),
    watch,
    changes: new Changes(),
    digests: new Digests(options.store, options.cipher),
    handlers: new Map(),
    sessions: new Map(),
  };
}
