import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Principal, RunView, ToolAnswer } from '@flotilla/core';
import { openProcess } from '@flotilla/runtime';
import { loopbackHosts, startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type Hub, openHub } from '../../src/hub.ts';

/** Where the runs of these tests wait, when not in the state file. */
export const REDIS_URL = 'FLOTILLA_REDIS_URL';

export const assistant: Principal = { id: 'stdio:1000', kind: 'stdio' };
export const person: Principal = { id: 'cli:1000', kind: 'cli' };

/** An expression as definitions write it. */
export const x = (text: string): string => `\${{ ${text} }}`;

export interface Report {
  state: string;
  undone: boolean;
  steps: {
    key: string;
    state: string;
    undo?: string;
    reason?: string;
    failure?: { code: string; message: string };
    items: { alias?: string; state: string; attempts: number; runId?: string; undo?: { state: string } }[];
  }[];
}

/** A hub in this process with three real hosts, `web1` to `web3`: three names of one sshd. */
export interface PipelineWorld {
  sshd: TestSshd;
  hub: Hub;
  home: string;
  call(name: string, args: Record<string, unknown>, by?: Principal): Promise<ToolAnswer>;
  /** Starts a pipeline; resolves with the id of its run. */
  start(definition: unknown, args?: Record<string, unknown>, by?: Principal): Promise<string>;
  /** Runs a pipeline to its end. */
  run(
    definition: unknown,
    args?: Record<string, unknown>,
    by?: Principal,
  ): Promise<RunView & { report: Report }>;
  end(id: string): Promise<RunView & { report: Report }>;
  /** Lines of a file in the home of the hosts; none when it is not there. */
  lines(file: string): string[];
  /** Ends the process and starts another one on the same data folder. */
  restart(): Promise<void>;
}

/** `config`: made when the world begins. */
export function pipelineWorld(options: { config?: () => Promise<object> } = {}): PipelineWorld {
  const world = {} as PipelineWorld;
  const folder = tempDir('flotilla-pipelines-');
  const config = join(folder.path, 'config.json');
  const open = async (): Promise<Hub> => {
    const redis = process.env[REDIS_URL];
    const env = { HOME: folder.path, LOG_LEVEL: 'fatal', FLOTILLA_CONFIG: config };
    return openHub(await openProcess({ ...env, ...(redis && { [REDIS_URL]: redis }) }));
  };
  beforeAll(async () => {
    const listen = loopbackHosts(3);
    world.home = folder.path;
    writeFileSync(config, JSON.stringify((await options.config?.()) ?? {}), { mode: 0o600 });
    world.sshd = await startSshd({ listen });
    world.hub = await open();
    const keyPath = join(folder.path, 'id_test');
    copyFileSync(world.sshd.keyPath, keyPath);
    const [readonlyHost = ''] = listen;
    for (const [index, host] of listen.entries())
      await world.hub.runtime.services.inventory.save(
        {
          alias: `web${index + 1}`,
          host,
          port: world.sshd.port,
          user: world.sshd.user,
          keyPath,
          groups: ['web'],
        },
        { person: true },
      );
    await world.hub.runtime.services.inventory.save(
      {
        alias: 'ro1',
        host: readonlyHost,
        port: world.sshd.port,
        user: world.sshd.user,
        keyPath,
        readonly: true,
      },
      { person: true },
    );
  });
  afterAll(async () => {
    await world.hub?.close();
    await world.sshd?.stop();
    folder.remove();
  });
  world.call = (name, args, by = assistant) =>
    world.hub.endpoint.callTool({ name, args, principal: by, signal: new AbortController().signal });
  world.start = async (definition, args = {}, by = assistant) => {
    const answer = await world.call('pipeline_run', { definition, ...args }, by);
    const { run } = answer.structuredContent as { run?: { id: string } };
    const id = run?.id ?? world.hub.runtime.services.engine.history({ limit: 1 }).runs[0]?.id;
    const newest = world.hub.runtime.services.engine
      .history({ limit: 5 })
      .runs.find(({ tool }) => tool === 'pipeline_run');
    return run?.id ?? newest?.id ?? String(id);
  };
  world.end = async (id) => {
    const { engine } = world.hub.runtime.services;
    await waitFor(() => engine.get(id).endedAt !== undefined, {
      timeoutMs: 60_000,
      what: `the end of ${id}`,
    });
    const view = engine.get(id);
    return { ...view, report: view.output as unknown as Report };
  };
  world.run = async (definition, args, by) => world.end(await world.start(definition, args, by));
  world.lines = (file) => {
    const path = join(world.sshd.home, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  };
  world.restart = async () => {
    await world.hub.close();
    world.hub = await open();
  };
  return world;
}
