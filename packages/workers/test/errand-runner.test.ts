import { type CommandRunner, FlotillaError, silentLogger } from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { errandRunner } from '../src/index.ts';
import { sayHello, stayPresent } from '../src/worker.ts';
import { type HubWorld, hubWorld } from './support/hub-world.ts';

/** Commands of hosts as a table; says what it was asked. */
function commandTable(states: Record<string, 'running' | 'broken'>) {
  const asked: unknown[][] = [];
  const note = (...words: unknown[]): void => void asked.push(words);
  const runner: CommandRunner = {
    async start(alias, id) {
      note('start', alias, id);
      return { state: 'absent' };
    },
    async attach(alias, id) {
      note('attach', alias, id);
      return { state: 'absent' };
    },
    async status(alias, id) {
      note('status', alias, id);
      if (states[id] === 'broken') throw new Error('a defect');
      return states[id] ? { state: 'running', stdoutBytes: 1, stderrBytes: 0 } : { state: 'absent' };
    },
    async cancel(alias, id, options) {
      note('cancel', alias, id, options);
      return { state: 'stopped' };
    },
    async answer(alias, id, question, text) {
      note('answer', alias, id, question, text);
      if (question > 1) throw new FlotillaError('CONFLICT', 'That question is no longer asked.');
    },
    forget: async (alias, ids) => note('forget', alias, ids),
  };
  return { runner, asked };
}

const queue = () => ({ ok: true, detail: 'fine', identity: 'ours' });

/** A worker that reaches the hosts of an office; resolves when the hub sees it. */
async function present(world: HubWorld, runner: CommandRunner) {
  const { client, leased } = await world.worker(['ssh-exec'], ['lan']);
  const who = { worker: 'office', version: '1.2.3', lanes: ['ssh-exec'], labels: ['lan'] };
  const stop = new AbortController();
  const parts = { client, who, runner, queue, leased, log: silentLogger };
  const ended = stayPresent(parts, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await ended.catch(() => undefined);
  });
  await waitFor(() => world.presence.has('ssh-exec', ['lan']), { what: 'the worker to be seen' });
  return { ended, stop, leased };
}

test('commands on hosts out of reach are asked about, stopped, answered and forgotten by a worker there', async () => {
  const world = await hubWorld();
  const [own, far] = [commandTable({}), commandTable({ a: 'running', b: 'broken' })];
  const { leased } = await present(world, far.runner);
  const runner = errandRunner(own.runner, (alias) => (alias === 'web1' ? ['lan'] : []), world.errands);
  expect(await runner.status('web1', 'a')).toMatchObject({ state: 'running' });
  expect(await runner.cancel('web1', 'a', { graceMs: 5 })).toEqual({ state: 'stopped' });
  expect(await runner.answer('web1', 'a', 1, 'yes')).toBeUndefined();
  await expect(runner.answer('web1', 'a', 2, 'yes')).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(runner.status('web1', 'b')).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(await runner.forget('web1', ['a', 'b'])).toBeUndefined();
  expect(far.asked).toEqual([
    ['status', 'web1', 'a'],
    ['cancel', 'web1', 'a', { graceMs: 5 }],
    ['answer', 'web1', 'a', 1, 'yes'],
    ['answer', 'web1', 'a', 2, 'yes'],
    ['status', 'web1', 'b'],
    ['forget', 'web1', ['a', 'b']],
  ]);
  expect(own.asked).toEqual([]);
  await waitFor(() => {
    try {
      return leased.record('web1') === undefined;
    } catch {
      return true;
    }
  });
});

test('those on other hosts, and all that are followed, are its own', async () => {
  const world = await hubWorld();
  const own = commandTable({});
  const runner = errandRunner(own.runner, (alias) => (alias === 'far' ? ['lan'] : []), world.errands);
  await runner.start('far', 'a', { command: 'true' }, {});
  await runner.attach('far', 'a', {});
  await runner.status('near', 'a');
  await runner.cancel('near', 'a');
  await runner.answer('near', 'a', 1, 'yes');
  await runner.forget('near', ['a']);
  expect(own.asked.map(([what, alias]) => `${what} ${alias}`)).toEqual([
    'start far',
    'attach far',
    'status near',
    'cancel near',
    'answer near',
    'forget near',
  ]);
});

test('a worker that stops is not counted on any more', async () => {
  const world = await hubWorld();
  const { stop, ended } = await present(world, commandTable({}).runner);
  stop.abort();
  await ended;
  await waitFor(() => !world.presence.has('ssh-exec', ['lan']), { what: 'the worker to be missed' });
});

test('it comes back to a hub that was away, and ends at one that has become another version', async () => {
  const world = await hubWorld();
  const { ended } = await present(world, commandTable({}).runner);
  await world.presence.left('office');
  await world.restart();
  await waitFor(() => world.presence.has('ssh-exec', ['lan']), { what: 'the worker to come back' });
  world.version = '2.0.0';
  await world.restart();
  await expect(ended).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('hello waits for a hub that is away, until it is told to stop', async () => {
  const world = await hubWorld();
  const { client } = await world.worker();
  const who = { worker: 'me', version: '1.2.3', lanes: ['ssh-exec'], labels: [] };
  const { signal } = new AbortController();
  await world.down();
  const warned = Promise.withResolvers<void>();
  const log = { ...silentLogger, warn: () => warned.resolve() };
  const hello = sayHello(client, who, log, signal);
  await warned.promise;
  await world.up();
  expect(await hello).toMatchObject({ version: '1.2.3', settings: { fleet: 'f' } });
  expect(Math.abs(client.now() - Date.now())).toBeLessThan(60_000);

  await expect(sayHello(client, { ...who, lanes: ['docker'] }, log, signal)).rejects.toMatchObject({
    code: 'DENIED',
  });
  await world.down();
  const stop = new AbortController();
  const again = Promise.withResolvers<void>();
  const stopped = sayHello(client, who, { ...log, warn: () => again.resolve() }, stop.signal);
  await again.promise;
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  await world.up();
});
