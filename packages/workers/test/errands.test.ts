import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlotillaError, failureOf } from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { errands as errandsOf } from '../src/index.ts';
import { hubWorld } from './support/hub-world.ts';
import { xorCipher } from './support/xor-cipher.ts';

test('an errand is taken once, by a worker with all of its labels, and its result comes back', async () => {
  const { errands } = await hubWorld();
  const sent = errands.send('nas', ['lan', 'vpn'], { do: 'status', id: 'x' });
  await waitFor(async () => (await errands.take('small', ['lan'])).length === 0);
  const [taken] = await waitFor(async () => {
    const both = await Promise.all([
      errands.take('one', ['vpn', 'lan']),
      errands.take('two', ['lan', 'vpn']),
    ]);
    return both.flat().length > 0 && both.flat();
  });
  expect(taken).toMatchObject({ alias: 'nas', errand: { do: 'status', id: 'x' } });
  const id = taken?.id ?? '';
  const owner = ['one', 'two'].find((worker) => errands.takenBy(id, worker) !== undefined) ?? '';
  expect(errands.takenBy(id, owner)).toBe('nas');
  expect(errands.takenBy(id, 'small')).toBeUndefined();
  await errands.finish(id, 'small', { value: 'forged' });
  await errands.finish(id, owner, { value: { state: 'absent' } });
  expect(await sent).toEqual({ state: 'absent' });
  expect(errands.takenBy(id, owner)).toBeUndefined();
});

test('what it fails with is thrown to who sent it', async () => {
  const { errands } = await hubWorld();
  const sent = errands.send('nas', ['lan'], { do: 'cancel', id: 'x', options: {} });
  sent.catch(() => undefined);
  const [taken] = await waitFor(async () => {
    const got = await errands.take('one', ['lan']);
    return got.length > 0 && got;
  });
  const failure = failureOf(new FlotillaError('CONFLICT', 'not any more', { details: { a: 1 } }));
  await errands.finish(taken?.id ?? '', 'one', { failure });
  await expect(sent).rejects.toMatchObject({ code: 'CONFLICT', message: 'not any more', details: { a: 1 } });
});

test('the text of an answer is never in the file as it is', async () => {
  const { errands, folder, store } = await hubWorld();
  const sent = errands.send('nas', ['lan'], { do: 'answer', id: 'x', question: 1, text: 'the-typed-secret' });
  const [taken] = await waitFor(async () => {
    const got = await errands.take('one', ['lan']);
    return got.length > 0 && got;
  });
  expect(taken?.errand).toMatchObject({ text: 'the-typed-secret' });
  for (const file of ['state.sqlite', 'state.sqlite-wal'])
    expect(readFileSync(join(folder, file)).toString('latin1')).not.toContain('the-typed-secret');
  await errands.finish(taken?.id ?? '', 'one', { value: null });
  await sent;
  expect(store.read((sql) => sql.all('SELECT id FROM worker_request'))).toEqual([]);
});

test('an errand that nobody took in time is not done later', async () => {
  const { errands, store } = await hubWorld();
  void errands.send('nas', ['lan'], { do: 'forget', ids: ['x'] }).catch(() => undefined);
  await waitFor(() => store.read((sql) => sql.all('SELECT id FROM worker_request')).length === 1);
  const later = errandsOf(store, xorCipher, () => Date.now() + 30_000);
  expect(await later.take('one', ['lan'])).toEqual([]);
  expect(await errands.take('one', ['lan'])).toHaveLength(1);
});
