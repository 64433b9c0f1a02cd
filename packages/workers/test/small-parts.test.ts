import { expect, test } from 'vitest';
import { queueTrouble } from '../src/desk/queue-trouble.ts';
import { callLeases, queueName, queuesOf } from '../src/index.ts';
import { hubWorld } from './support/hub-world.ts';

test('a call lease holds for its lane and words until it runs out, under its own key only', () => {
  let now = 1_000;
  const key = Buffer.alloc(32, 1);
  const leases = callLeases(key, () => now);
  const signed = leases.issue('docker', ['web1', 'group:db']);
  expect(leases.check(signed)).toMatchObject({ lane: 'docker', words: ['web1', 'group:db'] });
  expect(callLeases(key, () => now).check(signed)).toBeDefined();
  expect(callLeases(Buffer.alloc(32, 2), () => now).check(signed)).toBeUndefined();
  const [payload = '', signature = ''] = signed.split('.');
  const other = Buffer.from(JSON.stringify({ lane: 'docker', words: ['all'], until: 9e15 })).toString(
    'base64url',
  );
  for (const forged of [`${other}.${signature}`, payload, `${payload}.`, '', '.', 'x.y.z'])
    expect(leases.check(forged)).toBeUndefined();
  now += 11 * 60_000;
  expect(leases.check(signed)).toBeUndefined();
});

test('a worker takes the queues of all sets of its labels', () => {
  expect(queuesOf('docker', [])).toEqual(['docker']);
  expect(queuesOf('docker', ['b', 'a', 'b'])).toEqual(['docker', 'docker.a', 'docker.b', 'docker.a.b']);
  expect(queuesOf('docker', ['a', 'b', 'c', 'd'])).toHaveLength(16);
  expect(queueName('docker', ['b', 'a', 'b'])).toBe('docker.a.b');
  expect(queuesOf('docker', ['c', 'a', 'b'])).toContain(queueName('docker', ['b', 'c']));
});

test('a worker is there until it is silent or leaves', async () => {
  const { presence, store } = await hubWorld();
  await presence.seen({ id: 'a', token: 't', lanes: ['docker'], labels: ['lan'] });
  await presence.seen({ id: 'b', token: 't', lanes: ['sftp'], labels: [] });
  expect(presence.list().map(({ id }) => id)).toEqual(['a', 'b']);
  expect([presence.has('docker'), presence.has('docker', ['lan']), presence.has('sftp', ['lan'])]).toEqual([
    true,
    true,
    false,
  ]);
  await presence.left('b');
  expect(presence.has('sftp')).toBe(false);
  await store.write((sql) => sql.run('UPDATE worker_seen SET seen_at = seen_at - 60000'));
  expect(presence.list()).toEqual([]);
});

test('why a worker that is there takes no runs', async () => {
  const hub = { ok: true, name: 'bullmq', detail: 'fine', identity: 'ours' };
  const worker = { ok: true, detail: 'fine', identity: 'ours' };
  expect(queueTrouble(worker, hub)).toBeUndefined();
  expect(queueTrouble({ ...worker, identity: 'theirs' }, hub)).toContain('another Redis');
  expect(queueTrouble({ ...worker, ok: false, detail: 'WRONGPASS' }, hub)).toContain('WRONGPASS');
  expect(queueTrouble(worker, { ok: true, name: 'embedded', detail: '' })).toContain('the hub uses none');
  // What is not known yet, or is the hub's own trouble, is not held against a worker.
  expect(queueTrouble({ ...worker, identity: undefined }, hub)).toBeUndefined();
  expect(queueTrouble({ ...worker, identity: 'old' }, { ...hub, ok: false })).toBeUndefined();

  const world = await hubWorld();
  const { client } = await world.worker();
  const asked = { worker: 'me', version: '1.2.3', lanes: ['ssh-exec'], labels: [] };
  const stop = new AbortController();
  const poll = client.ask(
    'poll',
    { ...asked, queue: { ...worker, identity: 'theirs' } },
    { signal: stop.signal },
  );
  await expect
    .poll(() => world.presence.list())
    .toMatchObject([{ queueTrouble: expect.stringContaining('another') }]);
  stop.abort();
  await poll.catch(() => undefined);
});

test('labels of a host are replaced as a whole', async () => {
  const { reach } = await hubWorld();
  await reach.set('web1', ['lan', 'dmz', 'lan']);
  await reach.set('nas', ['lan']);
  expect(reach.labelsOf('web1')).toEqual(['dmz', 'lan']);
  await reach.set('web1', ['vpn']);
  expect(reach.list()).toEqual([
    { alias: 'nas', labels: ['lan'] },
    { alias: 'web1', labels: ['vpn'] },
  ]);
  await reach.set('web1', []);
  expect(reach.labelsOf('web1')).toEqual([]);
});

test('a hub of another version is said at once, and when it comes later', async () => {
  const { worker } = await hubWorld();
  const { client } = await worker();
  const who = { worker: 'me', lanes: ['ssh-exec'], labels: [] };
  expect(await client.ask('hello', { ...who, version: '1.2.9' })).toMatchObject({ version: '1.2.3' });
  for (const name of ['hello', 'poll'] as const)
    await expect(client.ask(name, { ...who, version: '1.3.0' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'The hub is Flotilla 1.2.3, this worker 1.3.0.',
    });
  await expect(client.ask('poll', { ...who, version: '1.2.3', labels: ['lan'] })).rejects.toMatchObject({
    code: 'DENIED',
  });
});
