import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type HubOfWorkers, hubOfWorkers, TOKEN } from './support/hub-of-workers.ts';
import { shellServer } from './support/servers.ts';
import { startedWorker } from './support/started-worker.ts';

const SECRET = 'the-secret-of-the-shell-server';
const seen: { hosts: string; greeting: unknown; secret: unknown }[] = [];
/** Does regular work, with settings of its own. */
const watching = shellServer({
  pages: [
    {
      path: '/told',
      receive: async ({ calls, namedSecret, refusesCall }, body) => {
        const denied = { principal: { id: 'stdio:1', kind: 'stdio' }, signal: AbortSignal.abort() } as const;
        const failures = await Promise.allSettled([
          calls.call('shell_now', {}, denied),
          calls.wait('run', 1, denied),
          calls.cancel('run', denied.principal),
          Promise.resolve().then(() => namedSecret('shell')),
        ]);
        const codes = failures.map((one) => one.status === 'rejected' && one.reason.code);
        const known = [
          calls.names().length,
          calls.find('shell_now'),
          refusesCall(body as never, {}, denied.principal),
        ];
        return { type: 'application/json', body: JSON.stringify([codes, known]) };
      },
    },
  ],
  config: z.object({ greeting: z.string().default('none'), secret: z.string().optional() }),
  background: [
    {
      name: 'watch',
      run: async ({ hosts, config }, signal) => {
        let found = 'all';
        try {
          hosts.resolve('all');
        } catch (error) {
          found = (error as { code?: string }).code ?? '';
        }
        seen.push({ hosts: found, greeting: config['greeting'], secret: config['secret'] });
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
  ],
});

let hub: HubOfWorkers;
beforeAll(async () => {
  hub = await hubOfWorkers(watching, {
    servers: { shell: { greeting: 'hello', secret: `\${vault:shell}` } },
    secrets: { shell: SECRET },
  });
});
afterAll(() => hub?.close());

test('settings of its server come from the hub with their secrets, hosts only if its token says so', async () => {
  const FLOTILLA_WORKER_TOKEN = await hub.side.tokens.add({
    name: 'no-hosts',
    lanes: ['shell'],
    labels: [],
    standing: false,
  });
  const worker = await startedWorker(hub.workerEnv({ FLOTILLA_WORKER_TOKEN }), {
    servers: [watching],
    http: { host: '127.0.0.1', port: 0 },
  });
  await waitFor(() => seen.length > 0, { what: 'the background work' });
  expect(seen).toEqual([{ hosts: 'NOT_FOUND', greeting: 'hello', secret: SECRET }]);
  expect(worker.base.redactor.text(`x ${SECRET}`)).not.toContain(SECRET);
  expect(hub.runtime.services.redactor.text(`x ${SECRET}`)).not.toContain(SECRET);
  await worker.stop();
});

test('what is the hub’s own is not there: other tools, the vault', async () => {
  const worker = await startedWorker(hub.workerEnv(), {
    servers: [watching],
    http: { host: '127.0.0.1', port: 0 },
  });
  const response = await fetch(new URL('/told', worker.facts.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await response.json()).toEqual([
    ['UNSUPPORTED', 'UNSUPPORTED', 'UNSUPPORTED', 'NOT_FOUND'],
    [0, null, null],
  ]);
  await waitFor(() => seen.some(({ hosts }) => hosts === 'all'), { what: 'the background work with hosts' });
  await worker.stop();
});
