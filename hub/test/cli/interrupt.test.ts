import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(['web1', 'web2']);
});
afterAll(() => fleet.stop());

/** What Ctrl-C gives this process, in which the command line runs. */
const controlC = (): boolean => process.emit('SIGINT');
const start = (...argv: string[]) => fleet.machine.start(argv);

test('exec: the commands go on, on every host', async () => {
  const running = start('exec', 'web1', 'web2', '--', 'echo begun; sleep 1; echo ended');
  await waitFor(() => running.out().split('begun').length === 3);
  controlC();
  expect(await running.ended).toBe(130);
  const [id = ''] = /run_\w+/.exec(running.err()) ?? [];
  const { stdout } = await fleet.flotilla(['task', 'output', '-f', id]);
  expect(stdout.split('\n').sort()).toEqual([
    '',
    ...['begun', 'ended'].map((word) => `web1 │ ${word}`),
    ...['begun', 'ended'].map((word) => `web2 │ ${word}`),
  ]);
});

test('exec --json: the handle is the answer', async () => {
  const running = start('exec', 'web1', '--json', '--', 'sleep 20');
  await waitFor(async () => (await fleet.flotilla(['task', 'list'])).stdout.includes('sleep 20'));
  controlC();
  expect(await running.ended).toBe(130);
  expect(JSON.parse(running.out())).toMatchObject({ run: { id: expect.stringMatching(/^run_/) } });
  await fleet.flotilla(['task', 'cancel', 'last']);
});

test('call: the run goes on', async () => {
  const running = start('call', 'task_exec', 'alias=web1', 'cmd=sleep 21');
  await waitFor(async () => (await fleet.flotilla(['task', 'list'])).stdout.includes('sleep 21'));
  controlC();
  expect(await running.ended).toBe(130);
  expect(running.err()).toContain('Detached: run_');
  await fleet.flotilla(['task', 'cancel', 'last']);
});

test('task wait and task output -f: the run is left as it is', async () => {
  const id = (await fleet.flotilla(['exec', 'web1', '--detach', '--', 'echo x; sleep 22'])).stdout.trim();
  const waiting = start('task', 'wait', id);
  const following = start('task', 'output', '-f', id);
  await waitFor(() => following.out().includes('x'));
  controlC();
  expect(await waiting.ended).toBe(130);
  expect(await following.ended).toBe(130);
  expect((await fleet.flotilla(['task', 'cancel', id])).code).toBe(0);
});

test('cp: it stops, and nothing half-written has the final name', async () => {
  const { home } = fleet.machine;
  writeFileSync(join(home, 'large.bin'), Buffer.alloc(192 * 1024 * 1024));
  const target = join(fleet.sshd.folder, 'large.bin');
  const running = start('cp', 'large.bin', `web1:${target}`);
  await waitFor(() => readdirSync(fleet.sshd.folder).some((name) => name.includes('large.bin')));
  controlC();
  expect(await running.ended).toBe(130);
  expect(running.err()).toContain('Stopped');
  expect(existsSync(target)).toBe(false);
}, 60_000);

test('logs -f: new lines come until then', async () => {
  const file = join(fleet.machine.dataDir, 'hub.log');
  const line = (msg: string): string => `${JSON.stringify({ level: 30, time: Date.now(), msg })}\n`;
  writeFileSync(file, line('earlier'));
  const running = start('logs', '-f', '--json');
  await waitFor(() => running.out().includes('earlier'));
  appendFileSync(file, line('later'));
  await waitFor(() => running.out().includes('later'));
  controlC();
  expect(await running.ended).toBe(0);
});
