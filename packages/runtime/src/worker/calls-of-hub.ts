import { randomUUID } from 'node:crypto';
import {
  type Audit,
  answerForFailure,
  type Caller,
  type CompiledTool,
  createCaller,
  FlotillaError,
  failureOf,
  isFlotillaError,
  type ToolContext,
  type ToolSettings,
} from '@flotilla/core';
import type { WorkerServices } from './worker-services.ts';

/** Admission and audit are the hub's. */
const NO_AUDIT: Audit = { begin: () => ({ end: () => undefined }) };

/** Calls that the hub has admitted and sent here, each with the lease of its hosts. */
export function callsOfHub(parts: {
  services: WorkerServices;
  settings: ToolSettings;
  useOf: (compiled: CompiledTool) => ToolContext['use'];
}): Caller {
  const { services, settings, useOf } = parts;
  const { config, redactor, leased, hosts } = services;
  const call = createCaller({
    gate: () => undefined,
    audit: NO_AUDIT,
    redactor,
    log: parts.services.log,
    context: ({ compiled, principal, signal, progress, log }) => ({
      principal,
      signal,
      progress,
      log,
      hosts,
      settings,
      use: useOf(compiled),
    }),
    syncWaitMs: config.jobs.syncWaitMs,
    limits: config.limits,
  });
  return async (compiled, incoming) => {
    const lease = incoming.hub?.lease;
    if (lease === undefined) {
      const denied = new FlotillaError('DENIED', 'This server is called through its hub only.');
      return answerForFailure(failureOf(denied), { redactor });
    }
    const key = `call/${randomUUID()}`;
    try {
      await leased.fetch(key, { call: lease });
      return await call(compiled, incoming);
    } catch (error) {
      if (!isFlotillaError(error)) throw error;
      return answerForFailure(failureOf(error), { redactor });
    } finally {
      leased.release(key);
    }
  };
}
