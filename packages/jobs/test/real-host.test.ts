import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startChildHub } from './fixtures/child-hub.ts';
import { type SshTarget, sshRunner } from './fixtures/ssh-runner.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

const target = (): SshTarget => ({
  host: sshd.host,
  port: sshd.port,
  user: sshd.user,
  keyPath: sshd.keyPath,
});

/** A hub of this process whose hosts are the real sshd. */
async function realHub(world = makeWorld()) {
  const { runner, close } = sshRunner(target());
  onTestFinished(close);
  return { hub: await startHub(world, { runner }), world };
}

test('a command over SSH: output of both streams, exit code, nothing left behind', async () => {
  const { hub } = await realHub();
  const { id } = await hub.runs.submit(
    call('exec', { alias: 'web1', cmd: 'seq 1 3000; echo oops >&2; exit 7' }),
  );
  const run = await hub.runs.wait(id, 20_000);
  expect(run).toMatchObject({ state: 'failed', output: { exitCode: 7, stderr: 'oops\n' } });
  expect(run.output?.['stdout']).toBe(`${Array.from({ length: 3000 }, (_, i) => i + 1).join('\n')}\n`);
  await until(() => hub.store.read((sql) => sql.get('SELECT 1 FROM job_step WHERE remote IS NULL')));
  const left = readdirSync(sshd.home, { recursive: true }).map(String);
  expect(left.filter((path) => path.includes(id.slice(4)) && /\/(out|err|in)$/.test(path))).toEqual([]);
});

test('a hub killed in the middle of a command: the next one knows its outcome, it ran once', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const dying = await startChildHub({ folder: world.folder, hosts: target() });
  const cmd = `echo begun; echo x >> ${effects}; sleep 1; seq 1 2000; exit 3`;
  const { id } = await dying.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => existsSync(effects));
  dying.kill('SIGKILL');
  await dying.exited;
  const { hub } = await realHub(world);
  const run = await hub.runs.wait(id, 20_000);
  expect(run).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect(run.output?.['stdout']).toBe(`begun\n${Array.from({ length: 2000 }, (_, i) => i + 1).join('\n')}\n`);
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
});

test('connections killed under a command: it is followed to its end', async () => {
  const { hub, world } = await realHub();
  const gate = join(world.folder, 'gate');
  const cmd = `echo one; while [ ! -e ${gate} ]; do sleep 0.05; done; echo two`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.get(id).tail.includes('one'));
  sshd.killSessions();
  writeFileSync(gate, '');
  expect(await hub.runs.wait(id, 20_000)).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'one\ntwo\n' },
  });
});

test('a cancel reaches what the command started', async () => {
  const { hub, world } = await realHub();
  const pid = join(world.folder, 'pid');
  const { id } = await hub.runs.submit(
    call('exec', { alias: 'web1', cmd: `sleep 300 & echo $! > ${pid}; echo begun; wait` }),
  );
  await until(() => hub.get(id).tail.includes('begun'));
  await hub.cancel(id, someone);
  expect(await hub.runs.wait(id, 20_000)).toMatchObject({ state: 'cancelled' });
  const stat = `/proc/${readFileSync(pid, 'utf8').trim()}/stat`;
  await until(() => !existsSync(stat) || / Z /.test(readFileSync(stat, 'utf8')));
});

test('a closed port fails a run at once with CONNECTION_FAILED', async () => {
  const world = makeWorld();
  const { runner, close } = sshRunner({ ...target(), port: 1 });
  onTestFinished(close);
  const hub = await startHub(world, { runner });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'true' }));
  expect(await hub.runs.wait(id, 20_000)).toMatchObject({
    state: 'failed',
    failure: { code: 'CONNECTION_FAILED' },
  });
});

test('fifty hosts in one run, each its own command', async () => {
  const { hub, world } = await realHub();
  const effects = join(world.folder, 'effects');
  const aliases = Array.from({ length: 50 }, (_, i) => `host${i}`);
  const { id } = await hub.runs.submit(call('fan', { aliases, cmd: `echo x >> ${effects}` }));
  const run = await hub.runs.wait(id, 60_000);
  expect(run.state).toBe('succeeded');
  expect(readFileSync(effects, 'utf8')).toBe('x\n'.repeat(50));
});
