import { expect, test } from 'vitest';
import { pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

const step = (key: string, alias: string, cmd: string, more: object = {}) => ({
  key,
  tool: 'task_exec',
  with: { alias, cmd },
  ...more,
});
const undo = (alias: string, cmd: string) => ({ undo: { tool: 'task_exec', with: { alias, cmd } } });

test('step 3 of three servers fails: steps 2 and 1 are undone in reverse, and the run says so', async () => {
  const run = await on.run({
    name: 'three-servers',
    steps: [
      step('one', 'web1', 'echo one >> ~/u.log', undo('web1', 'echo undo-one >> ~/u.log')),
      step('two', 'web2', 'echo two >> ~/u.log', {
        needs: ['one'],
        ...undo('web2', 'echo undo-two >> ~/u.log'),
      }),
      step('three', 'web3', 'echo three >> ~/u.log; exit 3', {
        needs: ['two'],
        ...undo('web3', 'echo undo-three >> ~/u.log'),
      }),
      step('four', 'web1', 'echo four >> ~/u.log', { needs: ['three'] }),
    ],
  });
  expect(on.lines('u.log')).toEqual(['one', 'two', 'three', 'undo-two', 'undo-one']);
  expect(run.state).toBe('failed');
  expect(run.report).toMatchObject({
    state: 'failed',
    undone: true,
    steps: [
      { key: 'one', state: 'succeeded', undo: 'undone' },
      { key: 'two', state: 'succeeded', undo: 'undone' },
      {
        key: 'three',
        state: 'failed',
        failure: { message: 'task_exec answered with an error: exit code 3 on web3.' },
      },
      { key: 'four', state: 'skipped', reason: 'three is failed' },
    ],
  });
  const answer = await on.call('task_status', { id: run.id });
  expect(JSON.stringify(answer.content)).toContain('what it had done was undone');
});

test('an undo that fails is shown, and does not keep the others from being undone', async () => {
  const run = await on.run({
    name: 'undo-fails',
    steps: [
      step('one', 'web1', 'echo one >> ~/f.log', undo('web1', 'echo undo-one >> ~/f.log')),
      step('two', 'web2', 'true', { needs: ['one'], ...undo('web2', 'echo undo-two >> ~/f.log; exit 4') }),
      step('three', 'web3', 'exit 1', { needs: ['two'] }),
    ],
  });
  expect(on.lines('f.log')).toEqual(['one', 'undo-two', 'undo-one']);
  expect(run.report.steps).toMatchObject([
    { undo: 'undone' },
    {
      undo: 'undo_failed',
      items: [{ undo: { failure: { message: expect.stringContaining('exit code 4 on web2') } } }],
    },
    { state: 'failed' },
  ]);
});

test('the undo of each item of forEach knows its item, and what the step answered', async () => {
  const run = await on.run({
    name: 'items',
    steps: [
      step('mark', x('each.alias'), 'echo mark', {
        forEach: { hosts: 'group:web' },
        undo: {
          tool: 'task_exec',
          with: {
            alias: x('each.alias'),
            cmd: `echo ${x('each.alias')} ${x('steps.mark.items[each.index].output.rows[0].stdout.trim()')} >> ~/i.log`,
          },
        },
      }),
      step('fail', 'web1', 'exit 1', { needs: ['mark'] }),
    ],
  });
  expect(run.report.undone).toBe(true);
  expect(on.lines('i.log')).toEqual(['web3 mark', 'web2 mark', 'web1 mark']);
});

test('onFailure stop undoes nothing, continue goes on', async () => {
  const stopped = await on.run({
    name: 'stop',
    onFailure: 'stop',
    steps: [
      step('one', 'web1', 'true', undo('web1', 'echo undone >> ~/s.log')),
      step('two', 'web1', 'exit 1', { needs: ['one'] }),
    ],
  });
  expect(stopped.report).toMatchObject({ state: 'failed', undone: false });
  const went = await on.run({
    name: 'continue',
    steps: [
      step('one', 'web1', 'true', undo('web1', 'echo undone >> ~/s.log')),
      step('two', 'web1', 'exit 1', { needs: ['one'], onFailure: 'continue' }),
      step('three', 'web1', 'true', { needs: ['two'] }),
    ],
  });
  expect(went.report).toMatchObject({
    state: 'succeeded',
    steps: [{}, { state: 'failed' }, { state: 'succeeded' }],
  });
  expect(on.lines('s.log')).toEqual([]);
});

test('conditions: any_failed, always, expressions', async () => {
  const run = await on.run({
    name: 'conditions',
    inputs: { mode: { enum: ['fast', 'slow'], default: 'slow' } },
    steps: [
      step('one', 'web1', 'exit 1'),
      step('after', 'web1', 'true', { needs: ['one'] }),
      step('report', 'web1', 'true', { needs: ['after'], when: 'any_failed' }),
      step('calm', 'web1', 'true'),
      step('quiet', 'web1', 'true', { needs: ['calm'], when: 'any_failed' }),
      step('clean', 'web1', 'true', { needs: ['one'], when: 'always' }),
      step('slow', 'web1', 'true', { when: x('inputs.mode == "slow"') }),
      step('fast', 'web1', 'true', { when: x('inputs.mode == "fast"') }),
      step('asked', 'web1', 'true', { needs: ['one'], when: x('steps.one.state == "failed"') }),
      step('unasked', 'web1', 'true', { needs: ['one'], when: x('inputs.mode == "slow"') }),
    ],
  });
  expect(Object.fromEntries(run.report.steps.map(({ key, state }) => [key, state]))).toEqual({
    one: 'failed',
    after: 'skipped',
    report: 'succeeded',
    calm: 'succeeded',
    quiet: 'skipped',
    clean: 'succeeded',
    slow: 'succeeded',
    fast: 'skipped',
    asked: 'succeeded',
    unasked: 'skipped',
  });
});
