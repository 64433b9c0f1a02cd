import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { type EngineVersion, parseVersion } from './api-version.ts';
import { brokenAnswer, engineError } from './engine-error.ts';
import { type EngineAnswer, type EngineCall, exchange, openBody, takeOver } from './http-call.ts';
import type { EngineRoute } from './routes.ts';
import { type OpenStream, StreamAgent } from './stream-agent.ts';

/**
 * The container engine of one host. Paths are those of the Docker Engine API without the version (`/containers/json`),
 * or of Podman's own API (`/libpod/pods/json`). Every method throws the engine's refusal as an error of the table:
 * 400 INVALID_INPUT, 404 NOT_FOUND, 409 CONFLICT and so on, its words in `details.remote`.
 */
export interface Engine extends EngineVersion {
  readonly alias: string;
  readonly route: EngineRoute;
  /** An answer in JSON, checked against `schema`. */
  json<S extends z.ZodType>(schema: S, path: string, call?: EngineCall): Promise<z.output<S>>;
  /** A whole answer below 400. */
  send(path: string, call?: EngineCall): Promise<EngineAnswer>;
  /** An answer that goes on (logs, events, pull), on a connection of its own. Destroy it when done. */
  stream(path: string, call?: EngineCall): Promise<IncomingMessage>;
  /** Raw bytes both ways after an upgrade (exec, attach), on a connection of its own. Destroy it when done. */
  hijack(path: string, call?: EngineCall): Promise<{ stream: Duplex; first: Buffer }>;
  close(): void;
}

/** Forwards take none of the host's session channels; a command takes one each, and sshd allows few. */
const SOCKETS = { forward: 8, 'dial-stdio': 3, sudo: 3 };

/** Speaks to the engine behind `open`; throws when it does not answer as one. */
export async function openEngine(alias: string, route: EngineRoute, open: OpenStream): Promise<Engine> {
  const pooled = new StreamAgent(open, { keepAlive: true, maxSockets: SOCKETS[route.how] });
  const single = new StreamAgent(open, { keepAlive: false, maxSockets: 100 });
  const close = (): void => {
    pooled.destroy();
    single.destroy();
  };
  try {
    const answer = await exchange(pooled, alias, '/version', { timeoutMs: 15_000 });
    if (answer.status >= 400) throw engineError(alias, answer.status, answer.body.toString('utf8'));
    const version = readJson(alias, answer.body, parseVersion);
    const at = (path: string): string => versioned(version, path);
    const send = async (path: string, call: EngineCall = {}): Promise<EngineAnswer> => {
      const got = await exchange(pooled, alias, at(path), call);
      if (got.status >= 400)
        throw engineError(alias, got.status, got.body.subarray(0, 65_536).toString('utf8'));
      return got;
    };
    return {
      ...version,
      alias,
      route,
      send,
      json: async (schema, path, call) => {
        const { body } = await send(path, call);
        return readJson(alias, body, (value) => schema.parse(value));
      },
      stream: (path, call = {}) => openBody(single, alias, at(path), call),
      hijack: (path, call = {}) => takeOver(single, alias, at(path), { method: 'POST', ...call }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function versioned(version: EngineVersion, path: string): string {
  if (path.startsWith('/libpod/')) return `/v${version.libpodVersion ?? '4.0.0'}${path}`;
  return `/v${version.apiVersion}${path}`;
}

function readJson<T>(alias: string, body: Buffer, parse: (value: unknown) => T): T {
  try {
    return parse(JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw brokenAnswer(alias, error);
  }
}
