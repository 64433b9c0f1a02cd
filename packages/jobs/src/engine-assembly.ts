import { Changes } from './changes.ts';
import { EmbeddedDriver } from './driver/embedded.ts';
import type { RunsEngineOptions } from './engine.ts';
import { DEFAULT_LIMITS, type EngineParts } from './engine-parts.ts';
import { localOutputs } from './output/outputs.ts';
import { LocalLedger } from './run/local-ledger.ts';
import { Digests } from './store/digest.ts';
import { ForeignWatch } from './store/foreign-watch.ts';

export function createParts(options: RunsEngineOptions): EngineParts {
  const { store, runner, cipher, redactor, log, outputDir, processId } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const watch = new ForeignWatch(store);
  const driver =
    options.driver ??
    new EmbeddedDriver({ store, watch, leaseMs: limits.leaseMs, ...(processId && { processId }) });
  const now = options.clock ?? Date.now;
  return {
    ledger: new LocalLedger({ store, cipher, now }),
    outputs: localOutputs({ outputDir, redactor, memoryBytes: limits.capturedBytes }),
    store,
    runner,
    cipher,
    redactor,
    log,
    outputDir,
    limits,
    now,
    driver,
    watch,
    changes: new Changes(),
    digests: new Digests(store, cipher),
    handlers: new Map(),
    sessions: new Map(),
  };
}
