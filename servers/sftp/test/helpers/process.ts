import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolAnswer } from '@flotilla/core';
import { createRuntime, localPrincipal, openProcess, type Runtime } from '@flotilla/runtime';
import { type SshdOptions, startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { sftp } from '../../src/server.ts';

export interface SftpProcess {
  sshd: TestSshd;
  runtime: Runtime;
  /** The allowed local folder, and a folder that plays the host's disk; empty before each test. */
  here: string;
  there: string;
  dataDir: string;
  /** Calls a tool as a client over stdio would. */
  call(name: string, args: Record<string, unknown>): Promise<ToolAnswer>;
  /** The output of a call that must succeed. */
  ok<T = Record<string, unknown>>(name: string, args: Record<string, unknown>): Promise<T & { text: string }>;
  /** The failure of a call that must fail. */
  fails(name: string, args: Record<string, unknown>): Promise<Failure>;
}

export interface Failure {
  code: string;
  message: string;
  hint: string;
  details: Record<string, unknown>;
}

export const textOf = (answer: ToolAnswer): string =>
  answer.content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');

/** The server alone, on a data folder of its own, with one real host `web1`. */
export function sftpProcess(options: SshdOptions = {}): SftpProcess {
  const on = {} as SftpProcess;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-sftp-'));
    on.here = join(folder, 'here');
    on.there = join(folder, 'there');
    on.dataDir = join(folder, 'data');
    mkdirSync(on.here);
    on.sshd = await startSshd(options);
    const base = await openProcess({
      HOME: folder,
      FLOTILLA_DATA_DIR: on.dataDir,
      FLOTILLA_LOCAL_ROOTS: on.here,
      LOG_LEVEL: 'fatal',
    });
    on.runtime = await createRuntime({ ...base, servers: [sftp] });
    const { host, port, user, keyPath } = on.sshd;
    await on.runtime.services.inventory.save({ alias: 'web1', host, port, user, keyPath }, { person: true });
    const principal = localPrincipal('stdio', base.identity);
    on.call = (name, args) => {
      const compiled = on.runtime.lanes.get('sftp')?.find(({ tool }) => tool.name === name);
      if (!compiled) throw new Error(`no tool ${name}`);
      return on.runtime.call(compiled, { name, args, principal, signal: new AbortController().signal });
    };
    on.ok = async (name, args) => {
      const answer = await on.call(name, args);
      expect(answer.isError, textOf(answer)).not.toBe(true);
      return { ...(answer.structuredContent as object), text: textOf(answer) } as never;
    };
    on.fails = async (name, args) => {
      const answer = await on.call(name, args);
      expect(answer, textOf(answer)).toMatchObject({ isError: true, structuredContent: { error: true } });
      return answer.structuredContent as Failure;
    };
  });
  afterAll(async () => {
    await on.runtime?.close();
    await on.sshd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const path of [on.here, on.there]) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path);
    }
  });
  return on;
}
