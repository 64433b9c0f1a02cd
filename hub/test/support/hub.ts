import { join } from 'node:path';
import { type AuditLog, auditPart, createAudit } from '@flotilla/admission';
import { type CompiledTool, createRedactor, type Gate, type Principal, silentLogger } from '@flotilla/core';
import { StateStore } from '@flotilla/store';
import { tempDir } from '@flotilla/testkit';
import type { Backend } from '../../src/backend/backend.ts';
import { type RemoteBackendOptions, type RemoteTiming, remoteBackend } from '../../src/backend/remote.ts';
import { type HubEndpoint, hubEndpoint } from '../../src/endpoint.ts';

export const PRINCIPAL: Principal = {
  id: 'stdio:1000',
  kind: 'stdio',
  client: { name: 'test', version: '1' },
};

/** Short times: the tests wait for events, so only how long a fault takes to be noticed depends on them. */
export const FAST: Partial<RemoteTiming> = {
  connectMs: 10_000,
  listMs: 10_000,
  graceMs: 300,
  heartbeatMs: 100,
  hangMs: 5_000,
  backoff: { firstMs: 50, maxMs: 300 },
  restMs: 0,
};

export const remote = (
  options: Pick<RemoteBackendOptions, 'name' | 'target'> & Partial<RemoteBackendOptions>,
): Backend =>
  remoteBackend({
    own: false,
    log: silentLogger,
    hubVersion: '0.0.0-test',
    ...options,
    timing: { ...FAST, ...options.timing },
  });

export interface TestHub {
  endpoint: HubEndpoint;
  audit: AuditLog;
  call(
    name: string,
    args?: unknown,
    more?: { signal?: AbortSignal; onProgress?: (update: unknown) => void; meta?: Record<string, unknown> },
  ): ReturnType<HubEndpoint['callTool']>;
  stop(): Promise<void>;
}

/** A hub over these mounts with the real audit log. */
export function testHub(
  mounts: (audit: AuditLog) => readonly Backend[],
  options: {
    gate?: Gate;
    definition?: (lane: string, tool: string) => CompiledTool | undefined;
    knowsRun?: (id: string) => boolean;
  } = {},
): TestHub {
  const folder = tempDir('hub');
  const redactor = createRedactor();
  const store = StateStore.open({ file: join(folder.path, 'state.sqlite'), parts: [auditPart] });
  const audit = createAudit({ store, redactor, hmacKey: Buffer.alloc(32, 1) });
  const endpoint = hubEndpoint({
    info: { name: 'flotilla', version: '0.0.0-test', title: 'Flotilla', instructions: 'For tests.' },
    backends: mounts(audit),
    gate: options.gate ?? (() => undefined),
    audit,
    redactor,
    log: silentLogger,
    knowsRun: options.knowsRun ?? (() => false),
    ...(options.definition && { definition: options.definition }),
  });
  return {
    endpoint,
    audit,
    call: (name, args = {}, more = {}) =>
      endpoint.callTool({
        name,
        args,
        principal: PRINCIPAL,
        signal: more.signal ?? new AbortController().signal,
        ...more,
      }),
    stop: async () => {
      await endpoint.close();
      await audit.flush();
      await store.close();
      folder.remove();
    },
  };
}
