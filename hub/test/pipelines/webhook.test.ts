import { createHmac } from 'node:crypto';
import { type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person, pipelineWorld, x } from './world.ts';

const on = pipelineWorld();
const SECRET = 'webhook-secret-0123456789';
let served: HttpServing;

beforeAll(async () => {
  await on.hub.runtime.services.secrets.set('hook_secret', SECRET);
  await on.call(
    'pipeline_save',
    {
      definition: {
        name: 'push',
        inputs: { branch: { required: true } },
        triggers: { webhook: { secret: 'hook_secret', inputs: { branch: x('body.ref') } } },
        steps: [
          {
            key: 'one',
            tool: 'task_exec',
            with: { alias: 'web1', cmd: `echo ${x('inputs.branch')} >> ~/push.log` },
          },
        ],
      },
    },
    person,
  );
  await on.call('pipeline_save', {
    definition: {
      name: 'plain',
      steps: [{ key: 'a', tool: 'task_exec', with: { alias: 'web1', cmd: 'true' } }],
    },
  });
  const { hooks, pages, log } = on.hub.runtime;
  served = await serveHttp(on.hub.endpoint, {
    port: 0,
    tokens: [{ name: 'default', token: 'a-token-that-is-long-enough' }],
    hooks,
    pages,
    log,
  });
});
afterAll(() => served?.close());

const post = async (name: string, body: string, headers: Record<string, string>) => {
  const response = await fetch(served.url.replace('/mcp', `/hooks/${name}`), {
    method: 'POST',
    body,
    headers,
  });
  return {
    status: response.status,
    data: (await response.json()) as { run: string; existing: boolean; code: string; message: string },
  };
};
const signed = (body: string, delivery?: string, secret = SECRET): Record<string, string> => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  ...(delivery !== undefined && { 'x-github-delivery': delivery }),
});

test('a signed delivery starts a run, the same delivery again does not', async () => {
  const body = JSON.stringify({ ref: "refs/heads/it's $(touch ~/owned)" });
  const first = await post('push', body, signed(body, 'd-1'));
  expect(first.status).toBe(202);
  expect(await on.end(first.data.run)).toMatchObject({ state: 'succeeded', principal: 'token:hook-push' });
  expect(await post('push', body, signed(body, 'd-1'))).toMatchObject({
    status: 202,
    data: { run: first.data.run, existing: true },
  });
  expect(on.lines('push.log')).toEqual(["refs/heads/it's $(touch ~/owned)"]);
  expect(on.lines('owned')).toEqual([]);
  const other = await post('push', body, signed(body, 'd-2'));
  expect(other.data.run).not.toBe(first.data.run);
  await on.end(other.data.run);
});

test('a delivery without an id is one of its own, also while one like it runs', async () => {
  const body = '{"ref":"same"}';
  const runs = await Promise.all([1, 2, 3].map(() => post('push', body, signed(body))));
  expect(new Set(runs.map(({ data }) => data.run)).size).toBe(3);
  for (const { data } of runs) await on.end(data.run);
  expect(on.lines('push.log').filter((line) => line === 'same')).toHaveLength(3);
});

test('a token in its place is as good', async () => {
  const { status, data } = await post('push', '{"ref":"x"}', { authorization: `Bearer ${SECRET}` });
  expect(status).toBe(202);
  await on.end(data.run);
});

test('nobody else starts anything, and nobody learns which pipelines there are', async () => {
  const before = on.hub.runtime.services.engine.stats().total;
  const body = '{"ref":"x"}';
  const refused = [
    await post('push', body, signed(body, 'd-9', 'another secret')),
    await post('push', `${body} `, signed(body, 'd-9')),
    await post('push', body, {}),
    await post('push', body, { authorization: 'Bearer a-token-that-is-long-enough' }),
    await post('push', body, { 'x-hub-signature-256': 'sha256=' }),
    await post('plain', body, signed(body)),
    await post('nobody', body, signed(body)),
    await post('nobody', body, signed(body, 'd', 'nothing')),
    await post('..%2fpush', body, signed(body)),
  ];
  for (const { status, data } of refused) {
    expect(status).toBe(401);
    expect(data).toEqual(refused[0]?.data);
  }
  expect(on.hub.runtime.services.engine.stats().total).toBe(before);
});

test('what is signed but no use is refused with its reason', async () => {
  for (const body of ['not json', '{"other":1}', '[]'])
    expect(await post('push', body, signed(body))).toMatchObject({
      status: 400,
      data: { code: 'INVALID_INPUT' },
    });
  const large = JSON.stringify({ ref: 'x'.repeat(2_000_000) });
  const response = await post('push', large, signed(large)).catch(() => ({ status: 413 }));
  expect(response.status).toBe(413);
  const get = await fetch(served.url.replace('/mcp', '/hooks/push'));
  expect(get.status).toBe(405);
});
