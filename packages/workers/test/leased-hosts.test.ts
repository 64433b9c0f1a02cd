import { Fenced } from '@flotilla/jobs';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { hubClient } from '../src/worker.ts';
import { firstClaim, hubWorld } from './support/hub-world.ts';

test('a claim brings the hosts of its run with their bastions, keys and secrets, and they go with it', async () => {
  const world = await hubWorld();
  const { leased, ledger, redactor } = await world.worker();
  const id = await world.submit();
  expect(() => leased.record('web1')).toThrow(expect.objectContaining({ code: 'DENIED' }));
  await ledger.claim(firstClaim(id), () => true);
  expect(leased.record('web1')).toMatchObject({
    host: '192.0.2.7',
    password: 'the-password-of-web1',
    jump: 'gate',
  });
  expect(leased.record('gate')).toMatchObject({
    privateKey: 'the text of /keys/gate',
    hostKeys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:known' }],
  });
  expect(leased.record('gate')).not.toHaveProperty('keyPath');
  expect(leased.resolve('web1').map(({ alias }) => alias)).toEqual(['web1']);
  expect(redactor.text('x the-password-of-web1 y')).not.toContain('the-password-of-web1');
  leased.release(`${id}/${firstClaim(id).fence}`);
  expect(() => leased.record('web1')).toThrow(expect.objectContaining({ code: 'DENIED' }));
  expect(redactor.text('the-password-of-web1')).toBe('the-password-of-web1');
});

test('a host that two runs act on stays until the second has ended', async () => {
  const world = await hubWorld();
  const { leased, ledger, redactor } = await world.worker();
  const ids = [await world.submit({ n: 1 }), await world.submit({ n: 2 })];
  for (const id of ids) await ledger.claim(firstClaim(id), () => true);
  leased.release(`${ids[0]}/${firstClaim(ids[0] ?? '').fence}`);
  expect(leased.record('web1').alias).toBe('web1');
  expect(redactor.text('the-password-of-web1')).not.toContain('password');
  leased.release(`${ids[1]}/${firstClaim(ids[1] ?? '').fence}`);
  expect(() => leased.record('web1')).toThrow(expect.objectContaining({ code: 'DENIED' }));
});

test('why a host cannot be had is said as the hub says it', async () => {
  const world = await hubWorld();
  const { leased, ledger } = await world.worker();
  const id = await world.submit({}, ['nobody', 'agent1']);
  await ledger.claim(firstClaim(id), () => true);
  expect(() => leased.resolve('nobody')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => leased.record('agent1')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
});

test('a worker without the label of a host does not get it, nor one of another lane its run', async () => {
  const world = await hubWorld();
  await world.reach.set('gate', ['lan']);
  const plain = await world.worker();
  const id = await world.submit();
  await plain.ledger.claim(firstClaim(id), () => true);
  expect(() => plain.leased.record('gate')).toThrow(expect.objectContaining({ code: 'DENIED' }));
  expect(plain.leased.record('web1').alias).toBe('web1');
  const inside = await world.worker(['ssh-exec'], ['lan']);
  await inside.ledger.claim(firstClaim(id, 2), () => true);
  expect(inside.leased.record('gate').alias).toBe('gate');
  const foreign = await world.worker(['docker']);
  expect(await foreign.ledger.claim(firstClaim(id, 3), () => true)).toBe('elsewhere');
  const grounds = { run: { id, fence: firstClaim(id, 2).fence } };
  await expect(foreign.client.ask('lease', { grounds })).rejects.toMatchObject({ code: 'DENIED' });
});

test('a key that is seen first is pinned at the hub, for hosts of the run only', async () => {
  const world = await hubWorld();
  const { leased, ledger, client } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  const pin = { type: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
  await leased.pinHostKey('web1', pin, 1);
  expect(world.pins).toEqual([['web1', pin, 1]]);
  expect(leased.record('web1').hostKeys).toEqual([pin]);
  const grounds = { run: { id, fence: firstClaim(id).fence } };
  await expect(client.ask('pin', { grounds, alias: 'agent1', pin })).rejects.toMatchObject({
    code: 'DENIED',
  });
  await expect(leased.pinHostKey('agent1', pin)).rejects.toMatchObject({ code: 'DENIED' });
});

test('only a standing token has hosts without a run, and only its lane those of a call', async () => {
  const world = await hubWorld();
  const { client } = await world.worker();
  const grounds = { standing: true } as const;
  await expect(client.ask('lease', { grounds })).rejects.toMatchObject({ code: 'DENIED' });
  const foreign = world.leases.issue('docker', ['web1']);
  await expect(client.ask('lease', { grounds: { call: foreign } })).rejects.toMatchObject({ code: 'DENIED' });
  const ours = world.leases.issue('ssh-exec', ['gate']);
  expect((await client.ask('lease', { grounds: { call: ours } })).records.map(({ alias }) => alias)).toEqual([
    'gate',
  ]);
});

test('groups of a standing lease are chosen from its hosts', async () => {
  const world = await hubWorld();
  const token = await world.tokens.add({ name: 'watch', lanes: ['monitoring'], labels: [], standing: true });
  const { leased } = await world.worker();
  const client = hubClient({ url: world.url, token });
  leased.hold('standing', { standing: true }, await client.ask('lease', { grounds: { standing: true } }));
  expect(leased.resolve('all').map(({ alias }) => alias)).toEqual(['web1', 'gate', 'agent1']);
  expect(leased.resolve('group:web').map(({ alias }) => alias)).toEqual(['web1']);
  expect(() => leased.resolve('group:none')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  await client.close();
});

test('a long run sees its host change, and no lease outlives what it was for', async () => {
  const world = await hubWorld();
  const { leased, ledger, redactor } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  const web1 = leased.record('web1');
  world.hosts.set('web1', { ...web1, password: 'the-password-of-tomorrow', revision: 2 });
  await leased.renew(60_000);
  expect(leased.record('web1').password).toBe('the-password-of-web1');
  await leased.renew(0);
  expect(leased.record('web1')).toMatchObject({ password: 'the-password-of-tomorrow', revision: 2 });
  expect(redactor.text('the-password-of-web1')).toBe('the-password-of-web1');
  expect(redactor.text('the-password-of-tomorrow')).not.toContain('tomorrow');
  await world.down();
  await leased.renew(0);
  expect(leased.record('web1').revision).toBe(2);
  leased.release(`${id}/${firstClaim(id).fence}`);
  await leased.renew(0);
  expect(() => leased.record('web1')).toThrow(expect.objectContaining({ code: 'DENIED' }));
});

test('an ended run gives its worker nothing any more', async () => {
  const world = await hubWorld();
  const { ledger, client } = await world.worker();
  const id = await world.submit();
  const { fence } = firstClaim(id);
  await ledger.claim(firstClaim(id), () => true);
  const grounds = { run: { id, fence } };
  expect((await client.ask('lease', { grounds })).records).toHaveLength(2);
  const end = { op: 'end' as const, end: { state: 'succeeded' as const, endedAt: 1, tail: '' } };
  await ledger.write(id, fence, { take: () => [end], undone: () => undefined }, { durable: true });
  await expect(client.ask('lease', { grounds })).rejects.toThrow(Fenced);
});

test('a key file that the hub cannot read fails its host, unless that has a password too', async () => {
  const world = await hubWorld();
  const { leased, ledger } = await world.worker();
  const gate = world.hosts.get('gate');
  if (!gate) throw new Error('no gate');
  world.hosts.set('gate', { ...gate, keyPath: '/keys/unreadable' });
  world.hosts.set('both', { ...gate, alias: 'both', keyPath: '/keys/unreadable', password: 'a-password' });
  const id = await world.submit({}, ['gate', 'both']);
  await ledger.claim(firstClaim(id), () => true);
  expect(() => leased.record('gate')).toThrow(
    expect.objectContaining({
      code: 'AUTH_FAILED',
      details: { alias: 'gate', keyPath: '/keys/unreadable', cause: 'EACCES' },
    }),
  );
  expect(leased.record('both')).toMatchObject({ password: 'a-password' });
});

test('a host that has changed at the hub is not pinned, and leased anew', async () => {
  const world = await hubWorld();
  const { leased, ledger } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  const web1 = leased.record('web1');
  world.hosts.set('web1', { ...web1, host: '192.0.2.8', revision: 2 });
  const pin = { type: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
  await expect(leased.pinHostKey('web1', pin, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(leased.record('web1')).toMatchObject({ host: '192.0.2.8', revision: 2 });
  expect(world.pins).toEqual([]);
  expect(() => leased.resolve([])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

test('a standing lease of an inventory without hosts is empty, and the hosts of an errand are those of who took it', async () => {
  const world = await hubWorld();
  const token = await world.tokens.add({ name: 'watch', lanes: ['ssh-exec'], labels: [], standing: true });
  const client = hubClient({ url: world.url, token });
  void world.errands.send('gate', [], { do: 'status', id: 'x' }).catch(() => undefined);
  const [taken] = await waitFor(async () => {
    const found = await world.errands.take('me', []);
    return found.length > 0 && found;
  });
  const id = taken?.id ?? '';
  const lease = await client.ask('lease', { grounds: { errand: { worker: 'me', id } } });
  expect(lease.records.map(({ alias }) => alias)).toEqual(['gate']);
  const grounds = { errand: { worker: 'other', id } };
  await expect(client.ask('lease', { grounds })).rejects.toMatchObject({ code: 'DENIED' });
  await world.errands.finish(id, 'me', { value: null });
  world.hosts.clear();
  expect(await client.ask('lease', { grounds: { standing: true } })).toEqual({
    records: [],
    views: {},
    failures: {},
  });
  await client.close();
});
