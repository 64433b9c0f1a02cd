import { expect, test } from 'vitest';
import type { Job, JobHandler } from '../src/index.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

const person = { id: 'cli:1000', kind: 'cli' } as const;

/** Asks once, then does what was allowed. */
const asking = (done: string[], digest = () => 'd1', expiresMs = 600_000): JobHandler => ({
  lane: 'ssh-exec',
  tool: 'tool',
  timeoutMs: 0,
  run: async (job: Job) => {
    const approval = await job.step.approval('ask', { prompt: 'Deploy?', digest: digest(), expiresMs });
    await job.step.once('do', async () => done.push('done'));
    return { by: approval.by };
  },
});

test('a run waits for a person, whom no assistant can stand in for', async () => {
  const done: string[] = [];
  const hub = await startHub(makeWorld(), { handlers: [asking(done)] });
  const { id } = await hub.runs.submit(call('tool', {}));
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'waiting',
    waitingFor: 'a person has to approve ask',
    steps: [{ key: 'ask', state: 'waiting', question: { prompt: 'Deploy?', approval: { digest: 'd1' } } }],
  });
  for (const principal of [someone, { id: 'token:x', kind: 'token' } as const])
    await expect(hub.answer(id, { answer: 'yes' }, principal)).rejects.toMatchObject({ code: 'DENIED' });
  await expect(hub.answer(id, { answer: 'perhaps' }, person)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(done).toEqual([]);
  await hub.answer(id, { answer: 'yes' }, person);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'succeeded', output: { by: 'cli:1000' } });
  expect(done).toEqual(['done']);
  await expect(hub.answer(id, { answer: 'yes' }, person)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('what is refused, or answered by nobody in time, is not done', async () => {
  const done: string[] = [];
  const hub = await startHub(makeWorld(), { handlers: [asking(done)] });
  const { id } = await hub.runs.submit(call('tool', {}));
  await hub.runs.wait(id, 15_000);
  await hub.answer(id, { answer: 'no' }, person);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'failed',
    failure: { code: 'DENIED', message: 'cli:1000 refused it.' },
  });
  const late = await startHub(makeWorld(), { handlers: [asking(done, () => 'd1', 30)] });
  const second = await late.runs.submit(call('tool', {}));
  await until(() => late.get(second.id).endedAt !== undefined);
  expect(late.get(second.id)).toMatchObject({ state: 'failed', failure: { code: 'TIMEOUT' } });
  expect(done).toEqual([]);
});

test('the question outlives its process, is asked once, and is answered by another one', async () => {
  const done: string[] = [];
  const world = makeWorld();
  const first = await startHub(world, { handlers: [asking(done)] });
  const { id } = await first.runs.submit(call('tool', {}));
  const { steps } = await first.runs.wait(id, 15_000);
  await first.stop();
  const second = await startHub(world, { handlers: [asking(done)] });
  await until(() => second.get(id).state === 'waiting' && second.get(id).waitingFor !== undefined);
  expect(second.get(id).steps[0]?.question).toEqual(steps[0]?.question);
  const third = await startHub(world, { handlers: [] });
  await third.answer(id, { answer: 'y' }, person);
  expect((await second.runs.wait(id, 15_000)).state).toBe('succeeded');
  expect(done).toEqual(['done']);
});

test('an approval counts for what was shown, and for nothing else', async () => {
  const done: string[] = [];
  const world = makeWorld();
  const first = await startHub(world, { handlers: [asking(done)] });
  const { id } = await first.runs.submit(call('tool', {}));
  await first.runs.wait(id, 15_000);
  await first.stop();
  const without = await startHub(world, { handlers: [] });
  await without.answer(id, { answer: 'y' }, person);
  await startHub(world, { handlers: [asking(done, () => 'd2')] });
  await until(() => without.get(id).endedAt !== undefined);
  expect(without.get(id)).toMatchObject({ state: 'failed', failure: { code: 'CONFLICT' } });
  expect(done).toEqual([]);
});

test('a cancel ends the waiting', async () => {
  const done: string[] = [];
  const hub = await startHub(makeWorld(), { handlers: [asking(done)] });
  const { id } = await hub.runs.submit(call('tool', {}));
  await hub.runs.wait(id, 15_000);
  await hub.cancel(id, person);
  await until(() => hub.get(id).endedAt !== undefined);
  expect(hub.get(id)).toMatchObject({ state: 'cancelled', steps: [{ key: 'ask', state: 'cancelled' }] });
  await expect(hub.answer(id, { answer: 'yes' }, person)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(done).toEqual([]);
});

test('a step that waits for a person makes its run wait, until it goes on', async () => {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  const hub = await startHub(makeWorld(), {
    handlers: [
      {
        ...asking([]),
        run: async (job: Job) => {
          await job.step.repeatable('child', async ({ waiting }) => {
            waiting('somebody has to resolve run_1');
            await gate;
            waiting(undefined);
          });
          job.step.compensate();
          await job.step.repeatable('back', async () => until(() => hub.get(id).state === 'compensating'));
          return {};
        },
      },
    ],
  });
  const { id } = await hub.runs.submit(call('tool', {}));
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'waiting',
    waitingFor: 'somebody has to resolve run_1',
  });
  letGo();
  await until(() => hub.get(id).endedAt !== undefined);
  expect(hub.get(id).state).toBe('succeeded');
});
