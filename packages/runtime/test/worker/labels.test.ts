import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubOfWorkers, hubOfWorkers, TOKEN } from './support/hub-of-workers.ts';
import { type StartedWorker, startedWorker } from './support/started-worker.ts';

let hub: HubOfWorkers;
let plain: StartedWorker;
let inside: StartedWorker | undefined;
beforeAll(async () => {
  hub = await hubOfWorkers();
  await hub.runtime.services.reach.set('web1', ['office']);
  plain = await startedWorker(hub.workerEnv({ FLOTILLA_WORKER_TOKEN: TOKEN }));
});
afterAll(async () => {
  await inside?.stop();
  await plain?.stop();
  await hub?.close();
});

/** What runs have left on the host, but for the notes that they ran. */
const kept = (): string[] =>
  readdirSync(join(hub.sshd.home, '.flotilla/runs')).filter((name) => !name.endsWith('.s'));

test('a run on a host of an office waits for a worker there, whatever others are free', async () => {
  const { engine } = hub.runtime.services;
  const id = await hub.submit('cd && echo inside');
  expect(engine.get(id)).toMatchObject({
    state: 'queued',
    waitingFor: 'waiting for a worker of lane shell that reaches office',
  });
  const FLOTILLA_WORKER_TOKEN = await hub.side.tokens.add({
    name: 'office',
    lanes: ['shell'],
    labels: ['office'],
    standing: false,
  });
  inside = await startedWorker(
    hub.workerEnv({ FLOTILLA_WORKER_TOKEN, FLOTILLA_WORKER_LABELS: 'office', FLOTILLA_DRAIN_MS: '50' }),
  );
  expect(await hub.ended(id)).toMatchObject({ state: 'succeeded', output: { stdout: 'inside\n' } });
  const sees = hub.side.presence.list().map(({ labels }) => labels);
  expect(sees).toEqual(expect.arrayContaining([[], ['office']]));
});

test('the hub asks, stops and clears up there through such a worker', async () => {
  const { errands } = hub.runtime.services;
  const send = (errand: Parameters<typeof errands.send>[2]) => errands.send('web1', ['office'], errand);
  expect(await send({ do: 'status', id: 'never-started-1' })).toEqual({ state: 'absent' });
  await expect(send({ do: 'answer', id: 'never-started-1', question: 1, text: 'yes' })).rejects.toMatchObject(
    { code: 'CONFLICT' },
  );
  expect(await send({ do: 'cancel', id: 'never-started-1', options: { reason: 'cancelled' } })).toMatchObject(
    {
      state: 'not_started',
    },
  );
  expect(await send({ do: 'forget', ids: ['never-started-1'] })).toBeNull();
});

test('what a run left on its host is removed by such a worker', async () => {
  await waitFor(() => kept().length === 0, { what: 'the files of the run to go', timeoutMs: 15_000 });
});
