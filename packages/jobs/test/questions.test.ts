import { expect, test } from 'vitest';
import { startChildHub } from './fixtures/child-hub.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

/** Asks once as a terminal program would, and tells what it was answered. */
const asks = (number: number, secret: 0 | 1, prompt: string): string =>
  `mkfifo answer 2>/dev/null; echo "${number} ${secret} ${prompt}" > q.new; mv q.new question; ` +
  'while [ ! -s answer ] && [ -p answer ]; do read -r a < answer; break; done; rm -f question answer; echo "got $a"';

test('a question turns the run to waiting and its answer goes on', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const cmd = `${asks(1, 0, 'Continue? [y/n]')}; ${asks(2, 0, 'Sure?')}`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  const asking = await hub.runs.wait(id, 15_000);
  expect(asking).toMatchObject({
    state: 'waiting',
    steps: [{ state: 'waiting', question: { prompt: 'Continue? [y/n]', number: 1, secret: false } }],
  });
  const after = await hub.answer(id, { answer: 'y' }, someone);
  expect(after.state).toBe('running');
  const second = await hub.runs.wait(id, 15_000);
  expect(second.steps[0]?.question?.prompt).toBe('Sure?');
  await hub.answer(id, { answer: 'yes', step: 'exec' }, someone);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({ state: 'succeeded', output: { stdout: 'got y\ngot yes\n' } });
  await expect(hub.answer(id, { answer: 'late' }, someone)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a secret is typed by a person with the CLI, never by anybody else', async () => {
  const hub = await startHub(makeWorld());
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: asks(1, 1, 'Password:') }));
  expect((await hub.runs.wait(id, 15_000)).steps[0]?.question).toMatchObject({ secret: true });
  const token = { id: 'token:default', kind: 'token' } as const;
  for (const principal of [someone, token]) {
    await expect(hub.answer(id, { answer: 'hunter2' }, principal)).rejects.toMatchObject({
      code: 'DENIED',
      hint: `In a terminal: flotilla task answer ${id}`,
    });
  }
  expect(hub.get(id).state).toBe('waiting');
  await hub.answer(id, { answer: 'hunter2' }, { id: 'cli:1000', kind: 'cli' });
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'got hunter2\n' },
  });
});

test('several questions at once need a name', async () => {
  const hub = await startHub(makeWorld());
  const { id } = await hub.runs.submit(
    call('fan', { aliases: ['a', 'b'], cmd: asks(1, 0, 'Restart services?') }),
  );
  await until(() => hub.get(id).steps.filter((step) => step.question).length === 2);
  await expect(hub.answer(id, { answer: 'y' }, someone)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await hub.answer(id, { answer: 'y', alias: 'a' }, someone);
  await until(() => hub.get(id).steps.find((step) => step.alias === 'a')?.state === 'succeeded');
  expect(hub.get(id).state).toBe('waiting');
  await hub.answer(id, { answer: 'y' }, someone);
  expect((await hub.runs.wait(id, 15_000)).state).toBe('succeeded');
});

test('a question survives the death of its hub and is answered from any process', async () => {
  const world = makeWorld();
  const dying = await startChildHub(world);
  const { id } = await dying.submit(call('exec', { alias: 'web1', cmd: asks(1, 0, 'Go on?') }));
  expect((await dying.wait(id, 15_000)).state).toBe('waiting');
  dying.kill('SIGKILL');
  await dying.exited;
  const holder = await startChildHub(world);
  const bystander = await startHub(world, { handlers: [] });
  expect((await holder.wait(id, 15_000)).state).toBe('waiting');
  await bystander.answer(id, { answer: 'y' }, someone);
  expect(await bystander.runs.wait(id, 15_000)).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'got y\n' },
  });
});

test('a question that nobody answers in time stops its command', async () => {
  const hub = await startHub(makeWorld(), { limits: { questionMs: 200 } });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: asks(1, 0, 'Anybody?') }));
  await hub.runs.wait(id, 15_000);
  const run = await until(() => hub.get(id).endedAt && hub.get(id));
  expect(run).toMatchObject({ state: 'failed', output: { timedOut: true }, steps: [{ state: 'timed_out' }] });
});
