import { Changes } from './changes.ts';
import { EmbeddedDriver } from './driver/embedded.ts';
import type { RunsEngineOptions } from './engine.ts';
import { DEFAULT_LIMITS, type EngineParts } from './engine-parts.ts';
import { Digests } from './store/digest.ts';
import { ForeignWatch } from './store/foreign-watch.ts';

export function createParts(options: RunsEngineOptions): EngineParts {
  const { store, runner, cipher, redactor, log, outputDir, processId } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const watch = new ForeignWatch(store);
  const driver =
    options.driver ??
    new EmbeddedDriver({ store, watch, leaseMs: limits.leaseMs, ...(processId && { processId }) });
  return {
    store,
    runner,
    cipher,
    redactor,
    log,
    outputDir,
    limits,
    now: options.clock ?? Date.now,
    driver,
    watch,
    changes: new Changes(),
    digests: new Digests(store, cipher),
    handlers: new Map(),
    sessions: new Map(),
  };
}
