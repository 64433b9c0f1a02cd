import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEndpoint, type Failure, type RunView, type ServerDefinition } from '@flotilla/core';
import { type HttpRoute, type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { startRedis, startSshd, type TestRedis, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import {
  createRuntime,
  type HubSide,
  localPrincipal,
  openHubSide,
  openProcess,
  type ProcessBase,
  type Runtime,
  VERSION,
} from '../../../src/index.ts';
import { shellServer } from './servers.ts';

export const TOKEN = 'the-token-of-the-lane-shell';
export const PASSWORD = 'the-password-of-web1-0123';

/** A hub in this process whose server `shell` is carried out by workers, with a real Redis and a host web1. */
export interface HubOfWorkers {
  sshd: TestSshd;
  redis: TestRedis;
  runtime: Runtime;
  side: HubSide;
  url: string;
  /** Environment of a worker of this hub, with a data folder of its own. */
  workerEnv(more?: Record<string, string>): Record<string, string>;
  /** Starts a run of the lane and answers with its id. */
  submit(cmd: string, alias?: string): Promise<string>;
  state(id: string): RunView['state'];
  ended(id: string): Promise<RunView>;
  close(): Promise<void>;
}

const ENDED = ['succeeded', 'failed', 'cancelled', 'interrupted'];

export async function hubOfWorkers(
  server: ServerDefinition = shellServer(),
  { secrets = {}, ...config }: { servers?: object; secrets?: Record<string, string> } = {},
): Promise<HubOfWorkers> {
  const [sshd, redis] = await Promise.all([startSshd(), startRedis({ appendFsync: 'none' })]);
  const folder = tempDir('flotilla-hub-of-workers-');
  const tokensDir = join(folder.path, 'tokens');
  const data = join(folder.path, '.config', 'flotilla');
  mkdirSync(tokensDir);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(join(tokensDir, server.name), `${TOKEN}\n`);
  writeFileSync(join(data, 'config.json'), JSON.stringify(config));
  const base = await openProcess({
    HOME: folder.path,
    LOG_LEVEL: 'fatal',
    FLOTILLA_REDIS_URL: redis.url,
    FLOTILLA_WORKER_TOKENS_DIR: tokensDir,
  });
  const { identity, log } = base;
  await keepSecrets(base, secrets);
  const runtime = await createRuntime({ ...base, servers: [server], delegated: new Set([server.name]) });
  const { services } = runtime;
  const side = await openHubSide({ config: base.config, services, servers: [server], identity, log });
  const closing = new AbortController();
  const front = await listen(runtime, side.route(closing.signal));
  const { host, port, user, keyPath } = sshd;
  await services.inventory.save(
    { alias: 'web1', host, port, user, keyPath, password: PASSWORD },
    { person: true },
  );
  const principal = localPrincipal('stdio', identity);
  let workers = 0;
  return {
    sshd,
    redis,
    runtime,
    side,
    url: front.url,
    workerEnv: (more = {}) => ({
      HOME: join(folder.path, `worker${workers++}`),
      LOG_LEVEL: 'fatal',
      FLOTILLA_HUB_URL: front.url,
      FLOTILLA_REDIS_URL: redis.url,
      FLOTILLA_WORKER_TOKEN: TOKEN,
      ...more,
    }),
    async submit(cmd, alias = 'web1') {
      const compiled = runtime.lanes.get(server.name)?.find(({ tool }) => tool.job);
      if (!compiled) throw new Error(`${server.name} has no runs`);
      const { signal } = new AbortController();
      const { name } = compiled.tool;
      const answer = await runtime.call(compiled, { name, args: { alias, cmd }, principal, signal });
      const told = answer.structuredContent as { run: { id: string } } | Failure;
      if ('error' in told) throw new Error(told.message);
      return told.run.id;
    },
    state: (id) => services.engine.get(id).state,
    ended: (id) =>
      waitFor(
        () => {
          const run = services.engine.get(id);
          return ENDED.includes(run.state) && run;
        },
        { timeoutMs: 30_000, what: `the end of ${id}` },
      ),
    async close() {
      closing.abort();
      await front.close();
      await runtime.close();
      await Promise.all([sshd.stop(), redis.stop()]);
      folder.remove();
    },
  };
}

/** In the vault, as a person does before the start. */
async function keepSecrets(base: ProcessBase, secrets: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(secrets).length === 0) return;
  const { jobs, ...config } = base.config;
  const { redis: _, ...local } = jobs;
  const runtime = await createRuntime({
    ...base,
    config: { ...config, jobs: local, servers: {} },
    servers: [],
  });
  for (const [name, value] of Object.entries(secrets)) await runtime.services.secrets.set(name, value);
  await runtime.close();
}

/** The front door: nothing but the workers' part of it is of use here. */
function listen(runtime: Runtime, route: HttpRoute): Promise<HttpServing> {
  const endpoint = createEndpoint({
    info: { name: 'flotilla', version: VERSION, title: 'Flotilla', instructions: '' },
    tools: () => [...runtime.lanes.values()].flat(),
    call: runtime.call,
    gate: runtime.gate,
  });
  return serveHttp(endpoint, {
    port: 0,
    tokens: [{ name: 'default', token: 'the-token-of-the-client' }],
    log: runtime.log,
    routes: [route],
  });
}
