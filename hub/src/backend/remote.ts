import { randomBytes } from 'node:crypto';
import {
  FlotillaError,
  HUB_SECRET_ENV,
  type Logger,
  type PublishedTool,
  type ToolAnswer,
} from '@flotilla/core';
import type { Backend, BackendCall, BackendState, MountedTool } from './backend.ts';
import { callTool } from './remote/call-tool.ts';
import { connect } from './remote/connect.ts';
import type { MountTarget } from './remote/connection.ts';
import { callFailure, isAnswer, isGone, wasNotSent } from './remote/failures.ts';
import { mountTools } from './remote/mount-tools.ts';
import { stderrLog } from './remote/stderr-log.ts';
import { Supervisor, type SupervisorTiming } from './remote/supervisor.ts';

export interface RemoteTiming extends SupervisorTiming {
  /** For starting the child or connecting, and the handshake. */
  connectMs: number;
  /** Longest silence within a call; progress counts as an answer. */
  quietMs: number;
  /** Between closing a child's stdin, SIGTERM and SIGKILL. */
  graceMs: number;
}

const TIMING: RemoteTiming = {
  connectMs: 15_000,
  quietMs: 600_000,
  graceMs: 2_000,
  listMs: 15_000,
  heartbeatMs: 20_000,
  hangMs: 120_000,
  backoff: { firstMs: 500, maxMs: 60_000 },
  stableMs: 30_000,
  restMs: 1_000,
};

const OWN_HANG_MS = 30_000;

export interface RemoteBackendOptions {
  name: string;
  target: MountTarget;
  /** One of our own servers. */
  own: boolean;
  log: Logger;
  hubVersion: string;
  /** The name that the server has to give of itself; any other is refused. */
  expectServer?: string;
  /** Secret that a `url` mount of ours shares with the hub; a child of ours gets a new one with every start. */
  hubSecret?: string;
  maxMessageBytes?: number;
  timing?: Partial<RemoteTiming>;
}

/** Mounts a server in another process. Returns at once; the connection is made in the background, again and again. */
export function remoteBackend(options: RemoteBackendOptions): Backend {
  const { name, target, own, hubVersion } = options;
  const log = options.log.child({ mount: name });
  const timing = { ...TIMING, ...(own && { hangMs: OWN_HANG_MS }), ...options.timing };
  const listeners = new Set<() => void>();
  let stderr = stderrLog(log);
  let hubSecret = options.hubSecret;
  let mounted: { from: readonly PublishedTool[]; tools: MountedTool[] } = { from: [], tools: [] };

  const supervisor = new Supervisor({
    mount: name,
    log,
    timing,
    lastWords: () => stderr.tail(),
    onChange: () => {
      for (const listener of listeners) listener();
    },
    connect: async (events) => {
      stderr = stderrLog(log);
      if (target.kind === 'stdio' && own) hubSecret = randomBytes(32).toString('base64url');
      const connection = await connect(own ? withSecret(target, hubSecret) : target, {
        ...events,
        hubVersion,
        connectMs: timing.connectMs,
        graceMs: timing.graceMs,
        maxMessageBytes: options.maxMessageBytes ?? 10 * 1024 * 1024,
        onStderr: (chunk) => stderr.write(chunk),
      });
      const found = connection.server?.name;
      if (options.expectServer === undefined || found === options.expectServer) return connection;
      await connection.close();
      throw new FlotillaError('CONFLICT', `it is not the server ${options.expectServer}`, {
        details: { remote: String(found).slice(0, 100) },
      });
    },
  });

  async function call(request: BackendCall, mayRetry = true): Promise<ToolAnswer> {
    const connection = await supervisor.connection(request.signal);
    const limits = { quietMs: timing.quietMs, ...(own && hubSecret !== undefined && { hubSecret }) };
    try {
      return await callTool(name, connection, request, limits);
    } catch (error) {
      if (isGone(error)) supervisor.reportLost(connection, error);
      else if (!isAnswer(error) && !request.signal.aborted) supervisor.check();
      if (mayRetry && wasNotSent(error) && !request.signal.aborted) return call(request, false);
      throw callFailure(name, error, request.signal);
    }
  }

  return {
    name,
    kind: target.kind,
    own,
    listTools: () => {
      const { tools } = supervisor.list;
      if (mounted.from !== tools) mounted = { from: tools, tools: mountTools(name, own, tools) };
      return mounted.tools;
    },
    call: (request) => call(request),
    get state(): BackendState {
      return supervisor.state;
    },
    get issues() {
      return supervisor.list.issues;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: supervisor.settled,
    expect: () => supervisor.expect(),
    close: () => supervisor.close(),
  };
}

/** A child of ours is told by this that it is the hub who calls. */
function withSecret(target: MountTarget, hubSecret: string | undefined): MountTarget {
  if (target.kind !== 'stdio' || hubSecret === undefined) return target;
  return { ...target, env: { ...target.env, [HUB_SECRET_ENV]: hubSecret } };
}
