import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Principal, ToolAnswer } from '@flotilla/core';
import { createRuntime, openProcess, type Runtime } from '@flotilla/runtime';
import { startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { schedules } from '../../src/server.ts';
import type { FiringView, ScheduleView } from '../../src/view/view.ts';
import { toolServer } from './tools.ts';

/** Where the runs of these tests wait, when not in the state file. */
export const REDIS_URL = 'FLOTILLA_REDIS_URL';

export const MODEL: Principal = { id: 'stdio:1000', kind: 'stdio', client: { name: 'model', version: '1' } };
export const PERSON: Principal = { id: 'cli:1000', kind: 'cli' };

export interface Listed {
  schedules: ScheduleView[];
  firings: FiringView[];
  firer: { active: boolean; pid?: number; zone: string };
  text: string;
}

type Args = Record<string, unknown>;

/** Schedules with things to call, as one process of a data folder with the host `web1`; it fires while `started`. */
export interface TestProcess {
  readonly runtime: Runtime;
  sshd: TestSshd;
  call(name: string, args?: Args, principal?: Principal): Promise<ToolAnswer>;
  ok<T = Args>(name: string, args?: Args, principal?: Principal): Promise<T & { text: string }>;
  fails(name: string, args?: Args, principal?: Principal): Promise<Failure>;
  /** A schedule with its last firings. */
  show(name: string): Promise<Listed & { schedule: ScheduleView }>;
  /** Waits until the firings of a schedule are as wanted, the newest first. */
  until(name: string, what: (firings: FiringView[]) => unknown): Promise<FiringView[]>;
  /** Ends the process, does something, starts another one; with another config file, or without the things. */
  restart(between?: () => void | Promise<void>, more?: { config?: object; things?: boolean }): Promise<void>;
  /** A file that a thing may write its lines to, and how many there are. */
  file(name: string): string;
  lines(name: string): number;
  /** Opens the gate of a run that waits for this file. */
  open(name: string): void;
}

export function testProcess(options: { background?: boolean } = {}): TestProcess {
  const home = tempDir('flotilla-schedules-');
  const on = {} as TestProcess;
  let runtime: Runtime;
  const background = options.background ?? true;
  const start = async (config: object = {}, things = true): Promise<void> => {
    mkdirSync(join(home.path, 'data'), { recursive: true, mode: 0o700 });
    writeFileSync(join(home.path, 'data', 'config.json'), JSON.stringify(config), { mode: 0o600 });
    const env = { HOME: home.path, FLOTILLA_DATA_DIR: join(home.path, 'data'), LOG_LEVEL: 'fatal' };
    const redis = process.env[REDIS_URL];
    runtime = await createRuntime({
      ...(await openProcess({ ...env, ...(redis && { [REDIS_URL]: redis }) })),
      servers: things ? [schedules, toolServer] : [schedules],
      background,
    });
  };
  const file = (name: string): string => join(home.path, name);
  const call: TestProcess['call'] = async (name, args = {}, principal = MODEL) => {
    const compiled = [...runtime.lanes.values()].flat().find(({ tool }) => tool.name === name);
    if (!compiled) throw new Error(`there is no tool ${name}`);
    return runtime.call(compiled, { name, args, principal, signal: new AbortController().signal });
  };
  const textOf = ({ content }: ToolAnswer): string =>
    content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
  const ok: TestProcess['ok'] = async (name, args, principal) => {
    const answer = await call(name, args, principal);
    if (answer.isError) throw new Error(`${name} failed: ${textOf(answer)}`);
    return { ...(answer.structuredContent as object), text: textOf(answer) } as never;
  };
  const show: TestProcess['show'] = async (name) => {
    const listed = await ok<Listed>('schedule_list', { name, limit: 200 });
    return { ...listed, schedule: listed.schedules[0] as ScheduleView };
  };
  Object.assign(on, {
    call,
    ok,
    show,
    fails: async (name: string, args?: Args, principal?: Principal) => {
      const answer = await call(name, args, principal);
      const failure = answer.structuredContent as Failure | undefined;
      if (!answer.isError || failure?.error !== true)
        throw new Error(`${name} did not fail: ${textOf(answer)}`);
      return failure;
    },
    until: (name: string, what: (firings: FiringView[]) => unknown) => {
      let last: FiringView[] = [];
      return waitFor(
        async () => {
          last = (await show(name)).firings;
          return what(last) ? last : undefined;
        },
        { timeoutMs: 30_000, intervalMs: 30, what: `${name}: ${what}` },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(last, undefined, 1)}`);
      });
    },
    restart: async (...[between, { config, things } = {}]: Parameters<TestProcess['restart']>) => {
      await runtime.close();
      await between?.();
      await start(config, things);
    },
    file,
    lines: (name: string) =>
      existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').length - 1 : 0,
    open: (name: string) => writeFileSync(file(name), ''),
  });
  Object.defineProperty(on, 'runtime', { get: () => runtime });
  beforeAll(async () => {
    on.sshd = await startSshd();
    await start();
    const { host, port, user, keyPath } = on.sshd;
    await runtime.services.inventory.save({ alias: 'web1', host, port, user, keyPath }, { person: true });
  });
  afterAll(async () => {
    await runtime?.close();
    await on.sshd?.stop();
    home.remove();
  });
  return on;
}
