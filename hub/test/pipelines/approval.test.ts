import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { assistant, person, pipelineWorld, x } from './world.ts';

const on = pipelineWorld();
const engine = () => on.hub.runtime.services.engine;

const promote = (file: string, approval: object = {}) => ({
  name: 'promote',
  inputs: { version: { required: true } },
  steps: [
    { key: 'staging', tool: 'task_exec', with: { alias: 'web1', cmd: `echo staging >> ~/${file}` } },
    {
      key: 'production',
      needs: ['staging'],
      tool: 'task_exec',
      with: { alias: 'group:web', cmd: `echo production ${x('inputs.version')} >> ~/${file}` },
      approval: { prompt: `Is ${x('inputs.version')} good on staging?`, ...approval },
    },
  ],
});
const waiting = async (id: string) => {
  await waitFor(() => engine().get(id).state === 'waiting', { timeoutMs: 30_000, what: 'the question' });
  const [step] = engine()
    .get(id)
    .steps.filter(({ question }) => question);
  return step?.question?.prompt ?? '';
};

test('a person sees what would be done and where, and allows it; no assistant can', async () => {
  const id = await on.start(promote('p.log'), { inputs: { version: '1.2' } });
  const prompt = await waiting(id);
  expect(prompt).toContain('Is 1.2 good on staging?');
  expect(prompt).toContain('task_exec on web1, web2, web3');
  expect(prompt).toContain("echo production '1.2'");
  const refused = await on.call('task_answer', { id, answer: 'yes' });
  expect(refused.structuredContent).toMatchObject({ code: 'DENIED' });
  await expect(engine().answer(id, { answer: 'yes' }, assistant)).rejects.toMatchObject({ code: 'DENIED' });
  expect(on.lines('p.log')).toEqual(['staging']);
  await engine().answer(id, { answer: 'yes' }, person);
  expect(await on.end(id)).toMatchObject({ state: 'succeeded' });
  expect(on.lines('p.log')).toEqual(['staging', ...Array(3).fill('production 1.2')]);
});

test('what is refused or not answered in time fails, and is undone', async () => {
  const id = await on.start(promote('n.log'), { inputs: { version: '1' } });
  await waiting(id);
  await engine().answer(id, { answer: 'no' }, person);
  expect((await on.end(id)).report.steps[1]).toMatchObject({ state: 'failed', failure: { code: 'DENIED' } });
  const late = await on.run(promote('n.log', { expires: 1 }), { inputs: { version: '2' } });
  expect(late.report.steps[1]).toMatchObject({ state: 'failed', failure: { code: 'TIMEOUT' } });
  expect(on.lines('n.log')).toEqual(['staging', 'staging']);
});

test('the question survives a restart and is the same one', async () => {
  const id = await on.start(promote('g.log'), { inputs: { version: '3' } });
  const prompt = await waiting(id);
  await on.restart();
  expect(await waiting(id)).toBe(prompt);
  await engine().answer(id, { answer: 'yes' }, person);
  expect(await on.end(id)).toMatchObject({ state: 'succeeded' });
  expect(on.lines('g.log')).toHaveLength(4);
});

test('a group that grew meanwhile is not what was approved', async () => {
  const id = await on.start(promote('h.log'), { inputs: { version: '4' } });
  await waiting(id);
  const { host, port, user } = on.sshd;
  const keyPath = join(on.home, 'id_test');
  await on.hub.runtime.services.inventory.save(
    { alias: 'web4', host, port, user, keyPath, groups: ['web'] },
    { person: true },
  );
  await engine().answer(id, { answer: 'yes' }, person);
  expect((await on.end(id)).report.steps[1]).toMatchObject({
    state: 'failed',
    failure: { code: 'CONFLICT' },
  });
  expect(on.lines('h.log')).toEqual(['staging']);
});
