import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processes, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, newHub, outcomeOf, startWorld, type World } from '../support/shell-hosts.ts';

/** Longer than the window after which a command is left to itself. */
const AFTER_THE_WINDOW_MS = 1_000;

const later = (ms: number): Promise<unknown> => {
  const until = performance.now() + ms;
  return waitFor(() => performance.now() > until);
};

test.each(['bash', 'dash'] as const)(
  'a command that cannot be left to itself is followed from elsewhere: %s',
  async (kind) => {
    const world = await startWorld(kind);
    const id = world.id();
    mkdirSync(join(world.runs, `${id}.d`), { recursive: true });
    const seen = await world.run('echo one; sleep 6; echo two; exit 3', id);
    expect(seen.stdout).toBe('one\ntwo\n');
    expect(outcomeOf(seen).exitCode).toBe(3);
    expect((await world.run('echo on')).stdout).toBe('on\n');
    await world.stop();
  },
);

describe('a worker that is slow to take a command', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld('bash');
  });
  afterAll(() => world?.stop());

  /** A hub with one channel, whose worker is stopped. */
  async function hubWithStoppedWorker() {
    const hub = newHub(world.directory);
    const id = world.id();
    await hub.runner.start('web', id, { command: 'true' }, {});
    const worker = Number(world.state(id)[0]?.split(' ')[1]);
    process.kill(worker, 'SIGSTOP');
    const shell = processes().find(({ pid }) => pid === worker)?.parent ?? 0;
    return { hub, worker, shell };
  }

  const effects = (id: string): string => join(world.sshd.home, `effects-${id}`);
  const begin = (hub: ReturnType<typeof newHub>, id: string, stdin = '', onStarted = () => {}) =>
    collect({ onStarted }, (events) => {
      const command = `echo ran >>"${effects(id)}"; wc -c; sleep 0.6; exit 7`;
      return hub.runner.start('web', id, { command, ...(stdin && { stdin }) }, events);
    });

  test.each([0, 1_000_000])(
    'nobody is told of a start before it happened: %i bytes of input',
    async (size) => {
      const { hub, worker } = await hubWithStoppedWorker();
      const id = world.id();
      const lockAtStart: boolean[] = [];
      const following = begin(hub, id, 's'.repeat(size), () => lockAtStart.push(world.state(id).length > 0));
      await later(AFTER_THE_WINDOW_MS);
      expect(await world.runner.status('web', id)).toEqual({ state: 'absent' });
      process.kill(worker, 'SIGCONT');
      const seen = await following;
      expect(outcomeOf(seen).exitCode).toBe(7);
      expect(seen.stdout).toBe(`${size}\n`);
      expect(lockAtStart).toEqual([true]);
      expect(readFileSync(effects(id), 'latin1')).toBe('ran\n');
      await hub.links.close();
    },
  );

  test.each(['channel', 'worker'] as const)('its %s is killed: it runs once', async (victim) => {
    const { hub, worker, shell } = await hubWithStoppedWorker();
    const id = world.id();
    const following = begin(hub, id);
    await later(AFTER_THE_WINDOW_MS);
    process.kill(victim === 'worker' ? worker : shell, 'SIGKILL');
    const seen = await following;
    expect(outcomeOf(seen).exitCode).toBe(7);
    if (victim === 'channel') {
      process.kill(worker, 'SIGCONT');
      await waitFor(() => !existsSync(`/proc/${worker}`));
    }
    expect(readFileSync(effects(id), 'latin1')).toBe('ran\n');
    await hub.links.close();
  });

  test('its time limit holds although the connection is closed before it starts', async () => {
    const { hub, worker } = await hubWithStoppedWorker();
    const id = world.id();
    const spec = { command: 'sleep 43; echo never', timeoutMs: 900 };
    const following = hub.runner.start('web', id, spec, {}).catch(() => undefined);
    await later(AFTER_THE_WINDOW_MS);
    await hub.links.close();
    await following;
    process.kill(worker, 'SIGCONT');
    await waitFor(() => world.state(id).some((line) => line.startsWith('end ')), { timeoutMs: 20_000 });
    expect(outcomeOf(await world.attach(id))).toMatchObject({ timedOut: true });
  });
});
