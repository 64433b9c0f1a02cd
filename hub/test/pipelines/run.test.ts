import { expect, test } from 'vitest';
import { pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

const exec = (cmd: string, alias = 'web1') => ({ tool: 'task_exec', with: { alias, cmd } });

test('a diamond of commands on three hosts, in order, with a value passed on', async () => {
  const run = await on.run({
    name: 'diamond',
    steps: [
      { key: 'build', ...exec('echo built >> ~/d.log; echo v7', 'web1') },
      { key: 'left', needs: ['build'], ...exec('echo left >> ~/d.log', 'web2') },
      { key: 'right', needs: ['build'], ...exec('echo right >> ~/d.log', 'web3') },
      {
        key: 'end',
        needs: ['left', 'right'],
        ...exec(`echo end ${x('steps.build.output.rows[0].stdout.trim()')} >> ~/d.log`),
      },
    ],
  });
  expect(run.failure).toBeUndefined();
  expect(run).toMatchObject({ state: 'succeeded', report: { state: 'succeeded', undone: false } });
  const lines = on.lines('d.log');
  expect(lines[0]).toBe('built');
  expect(lines.slice(1, 3).toSorted()).toEqual(['left', 'right']);
  expect(lines[3]).toBe('end v7');
});
