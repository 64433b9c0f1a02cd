import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type HubOfWorkers, hubOfWorkers, PASSWORD, TOKEN } from './support/hub-of-workers.ts';
import { type StartedWorker, startedWorker } from './support/started-worker.ts';

let hub: HubOfWorkers;
const workers: StartedWorker[] = [];
beforeAll(async () => {
  hub = await hubOfWorkers();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop().catch(() => undefined)));
});
afterAll(() => hub?.close());

async function worker(env: Record<string, string> = {}): Promise<StartedWorker> {
  const started = await startedWorker(hub.workerEnv(env));
  workers.push(started);
  return started;
}
/** In the home folder of the tests' sshd. */
const submit = (cmd: string) => hub.submit(`cd && { ${cmd}; }`);
const running = (id: string) => waitFor(() => hub.state(id) === 'running', { what: `${id} to run` });
/** A command that ends when its file is removed has begun. */
const made = (name: string) => waitFor(() => existsSync(join(hub.sshd.home, name)), { what: name });
/** What a command wrote to a file of its own so far. */
const effects = (name: string): string => {
  const path = join(hub.sshd.home, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

test('a run waits for a worker, which carries it out on a host that only the hub knew', async () => {
  const id = await submit('echo by a worker; exit 4');
  expect(hub.runtime.services.engine.get(id)).toMatchObject({
    state: 'queued',
    waitingFor: 'waiting for a worker of lane shell',
  });
  const { base, facts } = await worker();
  expect(facts).toMatchObject({ lanes: ['shell'], worker: expect.stringContaining(`-${process.pid}-`) });
  expect(await hub.ended(id)).toMatchObject({
    state: 'failed',
    output: { exitCode: 4, stdout: 'by a worker\n' },
  });
  await waitFor(() => hub.side.presence.list().some(({ id: there }) => there === facts.worker));
  expect(base.redactor.text(`x ${TOKEN}`)).not.toContain(TOKEN);
  expect(hub.runtime.services.redactor.text(`x ${TOKEN}`)).not.toContain(TOKEN);
});

test('it has the secrets of a host only as long as a run of it goes on, and masks them meanwhile', async () => {
  const { base } = await worker();
  const id = await submit(`touch going; while [ -e going ]; do sleep 0.05; done; echo ${PASSWORD}`);
  await running(id);
  await made('going');
  await waitFor(() => !base.redactor.text(PASSWORD).includes(PASSWORD), { what: 'the secret to be leased' });
  const off = await submit('rm going');
  expect(await hub.ended(off)).toMatchObject({ state: 'succeeded' });
  const { output } = await hub.ended(id);
  expect(JSON.stringify(output)).not.toContain(PASSWORD);
  expect(hub.runtime.services.engine.output(id).read?.text).not.toContain(PASSWORD);
  await waitFor(() => base.redactor.text(PASSWORD) === PASSWORD, { what: 'the secret to be forgotten' });
});

test('a cancel at the hub ends the command that a worker follows', async () => {
  await worker();
  const id = await submit('echo started > cancelled; sleep 300; echo ended >> cancelled');
  await running(id);
  await hub.runtime.services.engine.cancel(id, { id: 'stdio:1', kind: 'stdio' });
  expect(await hub.ended(id)).toMatchObject({ state: 'cancelled' });
});

test('a worker that is stopped lets its runs end first', async () => {
  const first = await worker({ FLOTILLA_DRAIN_MS: '30000' });
  const id = await submit('touch drained; while [ -e drained ]; do sleep 0.05; done; echo whole');
  await made('drained');
  const stopped = first.stop();
  const later = await submit('rm drained');
  await worker();
  expect(await hub.ended(later)).toMatchObject({ state: 'succeeded' });
  expect(await hub.ended(id)).toMatchObject({ state: 'succeeded', output: { stdout: 'whole\n' } });
  await stopped;
});

test('what does not end in time is let go, and another worker goes on with the same command', async () => {
  const first = await worker({ FLOTILLA_DRAIN_MS: '50' });
  const id = await submit(
    'echo once >> let-go; while [ -e let-go ] && [ ! -e go-on ]; do sleep 0.05; done; echo end',
  );
  await running(id);
  await waitFor(() => effects('let-go') !== '');
  await first.stop();
  expect(hub.state(id)).not.toBe('failed');
  await worker();
  const go = await submit('touch go-on');
  expect(await hub.ended(go)).toMatchObject({ state: 'succeeded' });
  expect(await hub.ended(id)).toMatchObject({ state: 'succeeded', output: { stdout: 'end\n' } });
  expect(effects('let-go')).toBe('once\n');
});

test('a worker whose token is revoked ends, and its run goes on with another', async () => {
  const { tokens } = hub.side;
  const FLOTILLA_WORKER_TOKEN = await tokens.add({
    name: 'office',
    lanes: ['shell'],
    labels: [],
    standing: false,
  });
  const revoked = await worker({ FLOTILLA_WORKER_TOKEN, FLOTILLA_DRAIN_MS: '50' });
  const id = await submit('echo once >> revoked; while [ ! -e on ]; do echo x; sleep 0.05; done');
  await running(id);
  await tokens.revoke('office');
  await expect(revoked.ended).rejects.toMatchObject({
    code: 'DENIED',
    message: 'The hub does not accept the token of this worker any more.',
  });
  await worker();
  expect(await hub.ended(await submit('touch on'))).toMatchObject({ state: 'succeeded' });
  expect(await hub.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(effects('revoked')).toBe('once\n');
});
