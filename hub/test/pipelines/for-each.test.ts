import { expect, test } from 'vitest';
import { pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

/** Every item leaves a line when it begins and one when it ends. */
const marked = (file: string, rest: string) => ({
  tool: 'task_exec',
  with: {
    alias: 'web1',
    cmd: `n=${x('each.value')}; echo "begin $n" >> ~/${file}; ${rest}; c=$?; echo "end $n" >> ~/${file}; exit $c`,
  },
});

test('20 items, 4 at a time, no further batch after 2 failures', async () => {
  const run = await on.run({
    name: 'rolling',
    onFailure: 'stop',
    steps: [
      {
        key: 'roll',
        ...marked('r.log', 'test $n -lt 5 -o $n -gt 6'),
        forEach: {
          items: Array.from({ length: 20 }, (_, index) => index),
          maxParallel: 4,
          stopAfterFailures: 2,
        },
      },
    ],
  });
  const { items = [] } = run.report.steps[0] ?? {};
  expect(items.map(({ state }) => state)).toEqual([
    ...Array(5).fill('succeeded'),
    'failed',
    'failed',
    'succeeded',
    ...Array(12).fill('not_started'),
  ]);
  expect(run.report.steps[0]).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('item 6') },
  });
  let open = 0;
  let most = 0;
  for (const line of on.lines('r.log')) {
    open += line.startsWith('begin') ? 1 : -1;
    most = Math.max(most, open);
  }
  expect(most).toBeLessThanOrEqual(4);
  expect(on.lines('r.log').filter((line) => line.startsWith('begin'))).toHaveLength(8);
});

test('a canary that fails keeps the rest from being touched; one that succeeds does not', async () => {
  const step = (cmd: string) => ({
    key: 'deploy',
    tool: 'task_exec',
    with: { alias: x('each.alias'), cmd },
    forEach: { hosts: ['web3', 'web1', 'web2'], canary: 1, maxParallel: 2 },
  });
  const bad = await on.run({
    name: 'canary',
    onFailure: 'stop',
    steps: [step('echo no >> ~/c.log; exit 1')],
  });
  expect(bad.report.steps[0]?.items.map(({ alias, state }) => [alias, state])).toEqual([
    ['web3', 'failed'],
    ['web1', 'not_started'],
    ['web2', 'not_started'],
  ]);
  expect(on.lines('c.log')).toEqual(['no']);
  const good = await on.run({ name: 'canary', steps: [step('echo yes >> ~/c.log')] });
  expect(good.state).toBe('succeeded');
  expect(on.lines('c.log')).toEqual(['no', 'yes', 'yes', 'yes']);
});

test('items and hosts come from expressions; the same call for two items is two calls', async () => {
  const run = await on.run(
    {
      name: 'computed',
      inputs: { names: { type: 'array', required: true }, where: { default: 'group:web' } },
      steps: [
        {
          key: 'same',
          tool: 'task_exec',
          with: { alias: 'web1', cmd: 'echo same >> ~/same.log' },
          forEach: { items: x('inputs.names'), maxParallel: 3 },
        },
        {
          key: 'hosts',
          needs: ['same'],
          tool: 'task_exec',
          with: { alias: x('each.alias'), cmd: 'true' },
          forEach: { hosts: x('inputs.where'), maxParallel: 3 },
        },
      ],
    },
    { inputs: { names: ['a', 'b', 'c'] } },
  );
  expect(run.state).toBe('succeeded');
  expect(on.lines('same.log')).toHaveLength(3);
  expect(run.report.steps[1]?.items.map(({ alias }) => alias)).toEqual(['web1', 'web2', 'web3']);
});

test('an empty list is done at once; something else than a list is a failure', async () => {
  const steps = (items: string) => [
    { key: 'each', tool: 'task_exec', with: { alias: 'web1', cmd: 'exit 1' }, forEach: { items } },
  ];
  const inputs = { list: { type: 'array' }, text: {} };
  const empty = await on.run(
    { name: 'none', inputs, steps: steps(x('inputs.list')) },
    { inputs: { list: [] } },
  );
  expect(empty.report.steps).toMatchObject([{ state: 'succeeded', items: [] }]);
  const wrong = await on.run(
    { name: 'none', inputs, steps: steps(x('inputs.text')) },
    { inputs: { text: 'a' } },
  );
  expect(wrong.report.steps).toMatchObject([{ state: 'failed', failure: { code: 'INVALID_INPUT' } }]);
});
