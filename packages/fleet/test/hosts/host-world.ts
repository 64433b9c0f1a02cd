import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditLog, auditPart, createAudit } from '@flotilla/admission';
import {
  type AnyTool,
  compileTool,
  createCaller,
  createRedactor,
  type Hosts,
  type Principal,
  silentLogger,
  type ToolAnswer,
} from '@flotilla/core';
import { createInventory, type Inventory, inventoryPart, openVault } from '@flotilla/inventory';
import type { RunsEngine } from '@flotilla/jobs';
import { createHostLinks, createShell, type HostLinks } from '@flotilla/ssh';
import { StateStore } from '@flotilla/store';
import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { hostTools } from '../../src/index.ts';

export const ASSISTANT: Principal = { id: 'stdio:1000', kind: 'stdio' };
export const PERSON: Principal = { id: 'cli:1000', kind: 'cli' };

export interface HostWorld {
  dataDir: string;
  homedir: string;
  /** A key in `~/.ssh` that the sshd accepts. */
  keyPath: string;
  sshd: TestSshd;
  inventory: Inventory;
  links: HostLinks;
  audit: AuditLog;
  /** Ids that count as open runs. */
  openRuns: string[];
  tools: AnyTool[];
  /** Calls a tool as a client does; by the assistant unless said otherwise. */
  call(name: string, args?: Record<string, unknown>, principal?: Principal): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  data: Record<string, unknown>;
  rows: Record<string, unknown>[];
  words: string;
  isError: boolean;
}

/** A data folder, a home folder, a real sshd and the host tools over them. */
export async function startHostWorld(sshd?: TestSshd): Promise<HostWorld> {
  const folder = tempDir('flotilla-hosts-');
  const server = sshd ?? (await startSshd());
  const dataDir = join(folder.path, 'data');
  const homedir = join(folder.path, 'home');
  mkdirSync(join(homedir, '.ssh'), { recursive: true, mode: 0o700 });
  const keyPath = join(homedir, '.ssh', 'id_ed25519');
  copyFileSync(server.keyPath, keyPath);
  const store = StateStore.open({ file: join(dataDir, 'state.sqlite'), parts: [inventoryPart, auditPart] });
  const vault = await openVault({ store, dataDir });
  const inventory = createInventory({ store, cipher: vault.cipher });
  const links = createHostLinks({ directory: inventory, log: silentLogger });
  const redactor = createRedactor();
  const audit = createAudit({ store, redactor, hmacKey: vault.deriveKey('audit') });
  const openRuns: string[] = [];
  const engine = {
    list: () => ({ runs: openRuns.map((id) => ({ id })), total: openRuns.length }),
  } as unknown as Pick<RunsEngine, 'list'>;
  const tools = hostTools({ inventory, links, engine, homedir, localUser: 'me' });
  const shell = createShell({ links, directory: inventory, log: silentLogger });
  const hosts = { resolve: (target) => inventory.resolve(target), shell } as Partial<Hosts> as Hosts;
  const caller = createCaller({
    gate: () => undefined,
    audit,
    redactor,
    log: silentLogger,
    syncWaitMs: 1_000,
    context: (base) => ({
      ...base,
      hosts,
      settings: {
        commandTimeoutMs: 1_000,
        interactiveTimeoutMs: 1_000,
        maxWaitMs: 600_000,
        localRoots: [],
        dataDir,
        readonly: false,
      },
      use: () => Promise.reject(new Error('these tools use no service')),
    }),
  });
  const compiled = new Map(tools.map((tool) => [tool.name, compileTool(tool, 'fleet')]));
  return {
    dataDir,
    homedir,
    keyPath,
    sshd: server,
    inventory,
    links,
    audit,
    openRuns,
    tools,
    async call(name, args = {}, principal = ASSISTANT) {
      const tool = compiled.get(name);
      if (!tool) throw new Error(`there is no ${name}`);
      return toAnswer(await caller(tool, { name, args, principal, signal: new AbortController().signal }));
    },
    async stop() {
      await links.close();
      await audit.flush();
      await store.close();
      if (!sshd) await server.stop();
      folder.remove();
    },
  };
}

function toAnswer(answer: ToolAnswer): Answer {
  const data = answer.structuredContent as Record<string, unknown>;
  const rows = (Array.isArray(data['rows']) ? data['rows'] : []) as Record<string, unknown>[];
  const words = answer.content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
  return { data, rows, words, isError: answer.isError === true };
}

/** Every byte under a folder, as latin1 text. */
export function bytesUnder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}
