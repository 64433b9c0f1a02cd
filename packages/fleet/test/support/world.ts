import { openSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditLog, auditPart, createAudit } from '@flotilla/admission';
import {
  type AnyTool,
  type Caller,
  compileTool,
  createCaller,
  createLogger,
  createRedactor,
  type Hosts,
  LogRing,
  type Principal,
  type RunView,
  silentLogger,
  type ToolAnswer,
} from '@flotilla/core';
import { createInventory, type Inventory, inventoryPart, openVault } from '@flotilla/inventory';
import { createRunsEngine, jobsSchema, type RunsEngine } from '@flotilla/jobs';
import { createCommandRunner, createHostLinks, type HostLinks } from '@flotilla/ssh';
import { StateStore } from '@flotilla/store';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { handlers } from './handlers.ts';

export const SOMEBODY: Principal = { id: 'stdio:1000', kind: 'stdio' };

export interface World {
  dataDir: string;
  sshd: TestSshd;
  store: StateStore;
  inventory: Inventory;
  links: HostLinks;
  engine: RunsEngine;
  audit: AuditLog;
  ring: LogRing;
  log: ReturnType<typeof createLogger>;
  /** Starts a run of one of the test's job tools; resolves with its id once it is stored. */
  submit(tool: string, args: Record<string, unknown>): Promise<string>;
  ended(id: string): Promise<RunView>;
  stop(): Promise<void>;
}

/** Everything real: an sshd with the host `web1`, the pool, the runner, the runs engine, the audit log. */
export async function startWorld(): Promise<World> {
  const folder = tempDir('fleet');
  const sshd = await startSshd();
  const store = StateStore.open({
    file: join(folder.path, 'state.sqlite'),
    parts: [inventoryPart, jobsSchema, auditPart],
  });
  const vault = await openVault({ store, dataDir: folder.path });
  const inventory = createInventory({ store, cipher: vault.cipher });
  const { host, port, user, keyPath } = sshd;
  await inventory.save({ alias: 'web1', host, port, user, keyPath }, { person: true });
  const redactor = createRedactor();
  const ring = new LogRing();
  const log = createLogger({ level: 'fatal', redactor, ring, fd: openSync('/dev/null', 'w') });
  const links = createHostLinks({ directory: inventory, log: silentLogger });
  const runner = createCommandRunner({ links, directory: inventory, log: silentLogger });
  const { cipher } = vault;
  const engine = createRunsEngine({
    store,
    runner,
    cipher,
    redactor,
    log: silentLogger,
    outputDir: join(folder.path, 'output'),
  });
  engine.register(handlers);
  await engine.start();
  const audit = createAudit({ store, redactor, hmacKey: vault.deriveKey('audit') });
  return {
    dataDir: folder.path,
    sshd,
    store,
    inventory,
    links,
    engine,
    audit,
    ring,
    log,
    submit: async (tool, args) => {
      const alias = typeof args['alias'] === 'string' ? args['alias'] : 'web1';
      const summary = String(args['cmd'] ?? tool);
      const request = {
        tool,
        lane: 'test',
        args,
        secretPaths: [],
        principal: SOMEBODY,
        aliases: [alias],
        summary,
      };
      return (await engine.runs.submit(request)).id;
    },
    ended: (id) => engine.runs.wait(id, 20_000),
    stop: async () => {
      await engine.stop();
      await links.close();
      await audit.flush();
      await store.close();
      await sshd.stop();
      folder.remove();
    },
  };
}

export type CallTool = (
  name: string,
  args?: Record<string, unknown>,
  more?: { principal?: Principal; signal?: AbortSignal; onProgress?: (update: unknown) => void },
) => Promise<ToolAnswer & { data: Record<string, unknown>; words: string }>;

/** Calls tools as a client does: validated, audited, redacted, capped. */
export function callerOf(
  tools: readonly AnyTool[],
  world: Pick<World, 'audit' | 'dataDir'>,
  { maxWaitMs = 600_000 } = {},
): CallTool {
  const compiled = new Map(tools.map((tool) => [tool.name, compileTool(tool, 'fleet')]));
  const call: Caller = createCaller({
    gate: () => undefined,
    audit: world.audit,
    redactor: createRedactor(),
    log: silentLogger,
    syncWaitMs: 1_000,
    context: ({ principal, signal, progress, log }) => ({
      principal,
      signal,
      progress,
      log,
      hosts: {} as Hosts,
      settings: {
        commandTimeoutMs: 1_000,
        interactiveTimeoutMs: 1_000,
        maxWaitMs,
        localRoots: [],
        dataDir: world.dataDir,
        readonly: false,
      },
      use: () => Promise.reject(new Error('these tools use no service')),
    }),
  });
  return async (
    name,
    args = {},
    { principal = SOMEBODY, signal = new AbortController().signal, onProgress } = {},
  ) => {
    const tool = compiled.get(name);
    if (!tool) throw new Error(`no tool ${name}`);
    const answer = await call(tool, { name, args, principal, signal, ...(onProgress && { onProgress }) });
    const words = answer.content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
    return { ...answer, data: answer.structuredContent as Record<string, unknown>, words };
  };
}
