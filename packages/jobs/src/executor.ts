import { type ExecutorParts, handlerKey, type JobHandler } from './engine-parts.ts';
import { parseTicketId, runFence } from './ids.ts';
import { executeDelivery } from './run/execute.ts';
import type { KnownRun } from './run/known-run.ts';

export interface ExecutionEvents {
  /** Runs whose rows this process is committing now. */
  fresh?: ReadonlyMap<string, KnownRun>;
  /** A run of this process ended; `freed`: it held locks. */
  onEnded?(runId: string, freed: boolean): void;
  /** The queues of a lane that this process takes; default: the one of its name. */
  queuesOf?(lane: string): readonly string[];
  /** This process has done with a delivery, whatever became of the run. */
  onLeft?(runId: string, fence: number): void;
}

/** The part that takes deliveries: one consumer per lane that this process has tools of. */
export interface Execution {
  /** Before or after `start`. */
  register(handlers: readonly JobHandler[]): void;
  start(): void;
  /** With `drain` waits for the runs of this process; otherwise their commands go on and others adopt them. */
  stop(options?: { drain?: boolean }): Promise<void>;
}

export function createExecution(parts: ExecutorParts, events: ExecutionEvents = {}): Execution {
  const { fresh, onEnded = () => {}, onLeft, queuesOf = (lane) => [lane] } = events;
  let running = false;
  const consumeAll = (): void => {
    const lanes = new Set([...parts.handlers.values()].map((handler) => handler.lane));
    for (const queue of [...lanes].flatMap(queuesOf)) {
      parts.driver.consume(queue, {
        concurrency: parts.limits.concurrency,
        handler: async (delivery) => {
          const { runId, epoch } = parseTicketId(delivery.ticket.id);
          try {
            return await executeDelivery(parts, delivery, fresh?.get(runId), onEnded);
          } finally {
            onLeft?.(runId, runFence(epoch, delivery.fence));
          }
        },
      });
    }
  };
  return {
    register(handlers) {
      for (const handler of handlers) parts.handlers.set(handlerKey(handler.lane, handler.tool), handler);
      if (running) consumeAll();
    },
    start() {
      running = true;
      consumeAll();
    },
    async stop(options) {
      running = false;
      await parts.driver.close(options);
    },
  };
}
