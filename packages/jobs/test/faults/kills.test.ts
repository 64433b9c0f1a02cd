import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSshd } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { startChildHub } from '../fixtures/child-hub.ts';
import { sshRunner } from '../fixtures/ssh-runner.ts';
import { call, type Hub, makeWorld, startHub, type World } from '../fixtures/world.ts';

const SEED = Number(process.env['FLOTILLA_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** mulberry32: the same seed gives the same kill points. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Submitted {
  n: number;
  id: string;
}

/** Kills hub after hub while runs are submitted; returns what was acknowledged. */
async function killHubs(
  world: Pick<World, 'folder'> & { hosts: Parameters<typeof startChildHub>[0]['hosts'] },
  options: { kills: number; perHub: number; spanMs: number; freeze?: boolean },
): Promise<Submitted[]> {
  const random = randomFrom(SEED);
  const acknowledged: Submitted[] = [];
  const effects = join(world.folder, 'effects');
  let n = 0;
  for (let kill = 0; kill < options.kills; kill++) {
    const hub = await startChildHub(world, { leaseMs: 800 });
    const calls = Array.from({ length: options.perHub }, async () => {
      const number = n++;
      await delay(random() * options.spanMs);
      const request = call('mixed', { alias: `web${number % 3}`, n: number, effects });
      const submitted = await hub.submit(request).catch(() => undefined);
      if (submitted) acknowledged.push({ n: number, id: submitted.id });
    });
    // Every second kill comes after an acknowledgement, however slow the machine is.
    if (kill % 2 === 0) await Promise.race(calls);
    await delay(random() * options.spanMs);
    if (options.freeze && random() < 0.5) {
      hub.kill('SIGSTOP');
      setTimeout(() => hub.kill('SIGCONT'), 2_000);
      continue;
    }
    hub.kill('SIGKILL');
    await hub.exited;
    await Promise.all(calls);
  }
  return acknowledged;
}

/** Nothing acknowledged is lost, no effect happened twice, and every end is either known and whole or said to be unknown. */
async function judgeAll(hub: Hub, world: { folder: string }, acknowledged: Submitted[]): Promise<void> {
  const states: Record<string, number> = {};
  for (const { n, id } of acknowledged) {
    const run = await hub.runs.wait(id, 120_000);
    states[run.state] = (states[run.state] ?? 0) + 1;
    if (run.state === 'succeeded') {
      expect(run.output, `run ${n}`).toEqual({
        all: ['c1', 'c2', 'c3'].map((step) => [3, 1892, `${step}\n`]),
      });
    } else {
      expect(run.state, `run ${n}: ${JSON.stringify(run.failure)}`).toBe('interrupted');
      expect(run.steps.filter((step) => step.state === 'interrupted').map((step) => step.kind)).toEqual([
        'once',
      ]);
    }
  }
  const effects = join(world.folder, 'effects');
  const lines = existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [];
  expect(lines.length).toBe(new Set(lines).size);
  const done = new Set(lines);
  for (const { n, id } of acknowledged) {
    if (hub.get(id).state !== 'succeeded') continue;
    for (const step of ['c1', 'o1', 'c2', 'c3'])
      expect(done.has(`${n} ${step}`), `run ${n}, step ${step}`).toBe(true);
  }
  expect(hub.store.check()).toBe('ok');
  process.stderr.write(`seed ${SEED}: ${acknowledged.length} acknowledged, ${JSON.stringify(states)}\n`);
}

test(`40 hubs killed at random points (seed ${SEED})`, async () => {
  const world = makeWorld();
  const acknowledged = await killHubs(world, { kills: 40, perHub: 10, spanMs: 300 });
  expect(acknowledged.length).toBeGreaterThanOrEqual(20);
  await judgeAll(await startHub(world), world, acknowledged);
});

test(`hubs killed and frozen at random points, others alive (seed ${SEED})`, async () => {
  const world = makeWorld();
  const witness = await startChildHub(world, { leaseMs: 800 });
  const acknowledged = await killHubs(world, { kills: 12, perHub: 5, spanMs: 300, freeze: true });
  const hub = await startHub(world, { limits: { leaseMs: 800 } });
  await judgeAll(hub, world, acknowledged);
  expect(await witness.wait(acknowledged[0]?.id ?? '', 1000)).toBeDefined();
});

test(`30 hubs killed over a real sshd (seed ${SEED})`, async () => {
  const sshd = await startSshd();
  onTestFinished(() => sshd.stop());
  const hosts = { host: sshd.host, port: sshd.port, user: sshd.user, keyPath: sshd.keyPath };
  const world = makeWorld();
  const acknowledged = await killHubs({ folder: world.folder, hosts }, { kills: 30, perHub: 4, spanMs: 700 });
  const { runner, close } = sshRunner(hosts);
  onTestFinished(close);
  await judgeAll(await startHub(world, { runner }), world, acknowledged);
});
