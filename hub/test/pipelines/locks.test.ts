import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { pipelineWorld } from './world.ts';

const on = pipelineWorld();
const exec = (cmd: string) => ({ tool: 'task_exec', with: { alias: 'web1', cmd } });

/** Holds `own` as a whole, and takes `other` for its second step, once both pipelines hold theirs. */
const crossing = (name: string, own: string, other: string) => ({
  name,
  locks: [own],
  steps: [
    {
      key: 'meet',
      ...exec(`echo ${name} >> ~/met.log; until [ "$(wc -l < ~/met.log)" -ge 2 ]; do sleep 0.1; done`),
    },
    {
      key: 'cross',
      needs: ['meet'],
      lock: other,
      onFailure: 'stop',
      ...exec(`echo ${name} >> ~/crossed.log`),
    },
  ],
});

test('two pipelines that wait for each other: one fails and says why, the other goes on', async () => {
  const ids = [
    await on.start(crossing('a', 'left', 'right')),
    await on.start(crossing('b', 'right', 'left')),
  ];
  const ends = await Promise.all(ids.map((id) => on.end(id)));
  expect(ends.map(({ state }) => state).toSorted()).toEqual(['failed', 'succeeded']);
  const failed = ends.find(({ state }) => state === 'failed');
  const other = ends.find(({ state }) => state === 'succeeded');
  expect(failed?.report.steps.find(({ key }) => key === 'cross')?.failure).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(other?.id ?? ''),
  });
  expect(on.lines('crossed.log')).toHaveLength(1);
});

test('a step may name a lock that its pipeline holds, also while another pipeline waits for it', async () => {
  const first = await on.start({
    name: 'covering',
    locks: ['deploy'],
    steps: [
      { key: 'wait', ...exec('until [ -e ~/go ]; do sleep 0.1; done') },
      { key: 'use', needs: ['wait'], lock: 'deploy', ...exec('echo used >> ~/used.log') },
    ],
  });
  const second = await on.start({
    name: 'behind',
    locks: ['deploy'],
    steps: [{ key: 'one', ...exec('true') }],
  });
  await waitFor(async () => {
    const { structuredContent } = await on.call('task_status', { id: second });
    return JSON.stringify(structuredContent).includes('waits for lock deploy');
  });
  await on.call('task_exec', { alias: 'web1', cmd: 'touch ~/go' });
  expect((await on.end(first)).state).toBe('succeeded');
  expect((await on.end(second)).state).toBe('succeeded');
  expect(on.lines('used.log')).toEqual(['used']);
});
