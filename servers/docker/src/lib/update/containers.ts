import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import type { Creation } from './create-body.ts';
import { ContainerInspect } from './inspected.ts';

const STOP_MS = 180_000;
const at = (id: string): string => `/containers/${encodeURIComponent(id)}`;

/** Undefined for what the engine does not have. */
export async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** By id or name; undefined when there is none. */
export const inspectContainer = (
  engine: Engine,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInspect | undefined> =>
  orMissing(engine.json(ContainerInspect, `${at(id)}/json`, { signal }));

export const startContainer = async (engine: Engine, id: string, signal?: AbortSignal): Promise<void> => {
  await engine.send(`${at(id)}/start`, { method: 'POST', timeoutMs: STOP_MS, signal });
};

/** Its own stop signal and time; nothing happens when it has ended. */
export const stopContainer = async (engine: Engine, id: string, signal?: AbortSignal): Promise<void> => {
  await orMissing(engine.send(`${at(id)}/stop`, { method: 'POST', timeoutMs: STOP_MS, signal }));
};

/** Its volumes stay, also anonymous ones: another container may have taken them over. */
export const removeContainer = async (engine: Engine, id: string, signal?: AbortSignal): Promise<void> => {
  await orMissing(
    engine.send(at(id), { method: 'DELETE', query: { force: true, v: false }, timeoutMs: STOP_MS, signal }),
  );
};

export const renameContainer = async (
  engine: Engine,
  id: string,
  name: string,
  signal?: AbortSignal,
): Promise<void> => {
  await engine.send(`${at(id)}/rename`, { method: 'POST', query: { name }, signal });
};

const Created = z.object({ Id: z.string() });

/** Makes the container and joins its networks; does not start it. Returns its id. */
export async function createContainer(
  engine: Engine,
  { name, body, connect }: Creation,
  signal?: AbortSignal,
): Promise<string> {
  const { Id } = await engine.json(Created, '/containers/create', {
    method: 'POST',
    query: { name },
    body,
    signal,
  });
  for (const { network, endpoint } of connect)
    await engine.send(`/networks/${encodeURIComponent(network)}/connect`, {
      method: 'POST',
      body: { Container: Id, EndpointConfig: endpoint },
      signal,
    });
  return Id;
}

/** NOT_FOUND, in words that name it. */
export async function needContainer(
  engine: Engine,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInspect> {
  const found = await inspectContainer(engine, id, signal);
  if (found) return found;
  throw new FlotillaError('NOT_FOUND', 'There is no such container.', {
    details: { alias: engine.alias, container: id },
    hint: 'docker_list shows the containers of the host, stopped ones with all: true.',
  });
}
