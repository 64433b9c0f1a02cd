import { freePort, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { serve } from '../../src/index.ts';
import { type HubOfWorkers, hubOfWorkers, TOKEN } from './support/hub-of-workers.ts';
import { mcpCaller } from './support/mcp-caller.ts';
import { ownSignals } from './support/own-signals.ts';
import { shellServer } from './support/servers.ts';
import { type StartedWorker, startedWorker } from './support/started-worker.ts';

const watched: string[][] = [];
/** Watches all hosts, and shows which on a page. */
const watching = shellServer({
  background: [
    {
      name: 'watch',
      run: async ({ hosts }, signal) => {
        watched.push(hosts.resolve('all').map(({ alias }) => alias));
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
  ],
  pages: [
    {
      path: '/watched',
      render: async ({ hosts }) => ({
        type: 'text/plain',
        body: hosts
          .resolve('all')
          .map(({ alias }) => alias)
          .join(),
      }),
    },
  ],
});

const principal = { id: 'stdio:1000', kind: 'stdio' } as const;
let hub: HubOfWorkers;
let worker: StartedWorker;
let call: Awaited<ReturnType<typeof mcpCaller>>;
beforeAll(async () => {
  hub = await hubOfWorkers(watching);
  worker = await startedWorker(hub.workerEnv(), {
    servers: [watching],
    http: { host: '127.0.0.1', port: await freePort() },
  });
  call = await mcpCaller(worker.facts.url ?? '', TOKEN);
});
afterAll(async () => {
  await worker?.stop();
  await hub?.close();
});
const leaseOf = (...words: string[]): string => hub.side.leases.issue('shell', words);

test('a call of the hub is carried out on the hosts of its lease', async () => {
  const answer = await call(
    'shell_now',
    { alias: 'web1', cmd: 'echo seen' },
    { principal, lease: leaseOf('web1') },
  );
  expect(answer).toMatchObject({ structuredContent: { exitCode: 0, stdout: 'seen\n' } });
});

test('nothing is carried out without the hub, or for another lane', async () => {
  const args = { alias: 'web1', cmd: 'touch never' };
  const others = [
    undefined,
    { principal },
    { principal, lease: 'of.nobody' },
    { principal, lease: hub.side.leases.issue('docker', ['web1']) },
  ];
  for (const other of others)
    expect(await call('shell_now', args, other)).toMatchObject({
      isError: true,
      structuredContent: { error: true, code: 'DENIED' },
    });
  const late = { principal, lease: leaseOf('web1'), deadline: Date.now() - 1 };
  expect(await call('shell_now', args, late)).toMatchObject({ isError: true });
  const look = { alias: 'web1', cmd: 'test ! -e never' };
  expect(await call('shell_now', look, { principal, lease: leaseOf('web1') })).toMatchObject({
    structuredContent: { exitCode: 0 },
  });
});

test('a stranger gets nothing at all', async () => {
  await expect(mcpCaller(worker.facts.url ?? '', 'the-token-of-the-client')).rejects.toThrow(
    /^Error: 401|401/,
  );
});

test('its background work and its pages have all hosts', async () => {
  await waitFor(() => watched.length > 0, { what: 'the background work' });
  expect(watched).toEqual([['web1']]);
  const url = new URL('/watched', worker.facts.url);
  const page = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect([page.status, await page.text()]).toEqual([200, 'web1']);
  expect((await fetch(url)).status).toBe(401);
});

test('it takes runs beside calls', async () => {
  const id = await hub.submit('echo a run');
  expect(await hub.ended(id)).toMatchObject({ state: 'succeeded', output: { stdout: 'a run\n' } });
});

test('a server that is started with the address of a hub is such a worker', async () => {
  let said = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  const port = await freePort();
  const env = hub.workerEnv();
  const argv = ['--http', '--host', '127.0.0.1', '--port', String(port)];
  let ended = Promise.resolve(-1);
  const signal = await ownSignals(
    () => {
      ended = serve(watching, { env, argv });
    },
    waitFor(() => said.includes('answers at'), { what: 'its address', timeoutMs: 20_000 }),
  );
  const url = `http://127.0.0.1:${port}/mcp`;
  expect(said).toMatch(new RegExp(`^flotilla-shell works as \\S+ and answers at ${url}\n$`));
  const other = await mcpCaller(url, TOKEN);
  const lease = leaseOf('web1');
  expect(await other('shell_now', { alias: 'web1', cmd: 'echo two' }, { principal, lease })).toMatchObject({
    structuredContent: { stdout: 'two\n' },
  });
  signal();
  expect(await ended).toBe(0);
});
