import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@flotilla/core';
import { workerDesk, workerRoute } from '@flotilla/workers/hub';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { serve, VERSION } from '../../src/index.ts';
import { type HubOfWorkers, hubOfWorkers } from './support/hub-of-workers.ts';
import { shellServer } from './support/servers.ts';
import { startedWorker } from './support/started-worker.ts';

let hub: HubOfWorkers;
beforeAll(async () => {
  hub = await hubOfWorkers();
});
afterAll(() => hub?.close());

const without = (name: string): Record<string, string> => {
  const { [name]: _, ...rest } = hub.workerEnv();
  return rest;
};

test.each([
  ['FLOTILLA_REDIS_URL', 'A worker needs the Redis of its hub.'],
  ['FLOTILLA_WORKER_TOKEN', 'This worker has no token to show its hub.'],
])('without %s', async (name, message) => {
  await expect(startedWorker(without(name))).rejects.toMatchObject({ code: 'INVALID_INPUT', message });
});

test('with a token of nobody, or for other lanes or networks than its own', async () => {
  const FLOTILLA_WORKER_TOKEN = 'a-token-that-nobody-made';
  await expect(startedWorker(hub.workerEnv({ FLOTILLA_WORKER_TOKEN }))).rejects.toMatchObject({
    code: 'DENIED',
  });
  await expect(
    startedWorker(hub.workerEnv(), { servers: [shellServer({ name: 'docker' })] }),
  ).rejects.toMatchObject({ code: 'DENIED', message: 'The token file:shell is not for lane docker.' });
  await expect(startedWorker(hub.workerEnv({ FLOTILLA_WORKER_LABELS: 'office' }))).rejects.toMatchObject({
    code: 'DENIED',
    message: 'The token file:shell is not for label office.',
  });
  expect(hub.side.presence.list()).toEqual([]);
});

test('for a hub of another version', async () => {
  const { services } = hub.runtime;
  const desk = workerDesk({
    executors: services.engine.executors,
    hosts: services.inventory as never,
    presence: services.presence,
    leases: hub.side.leases,
    errands: services.errands,
    reach: services.reach,
    version: '99.0.0',
    queue: () => services.engine.stats().driver,
    settings: () => ({}) as never,
  });
  const closing = new AbortController();
  const { tokens } = hub.side;
  const route = workerRoute({ desk, tokens, log: silentLogger, closing: closing.signal });
  const server = createServer((request, response) => void route.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const FLOTILLA_HUB_URL = `http://127.0.0.1:${port}`;
  await expect(startedWorker(hub.workerEnv({ FLOTILLA_HUB_URL }))).rejects.toMatchObject({
    code: 'CONFLICT',
    message: `The hub is Flotilla 99.0.0, this worker ${VERSION}.`,
  });
});

test('a server that is started as a worker says why it cannot be one, and ends with 1', async () => {
  let said = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  expect(await serve(shellServer(), { env: without('FLOTILLA_WORKER_TOKEN'), argv: ['--http'] })).toBe(1);
  expect(said).toContain('INVALID_INPUT: This worker has no token to show its hub.');
  said = '';
  const env = hub.workerEnv({ FLOTILLA_WORKER_TOKEN: 'a-token-that-nobody-made' });
  expect(await serve(shellServer(), { env, argv: [] })).toBe(1);
  expect(said).toContain('DENIED: The hub does not accept the token of this worker.');
});
