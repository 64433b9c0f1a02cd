import { expect, test } from 'vitest';
import { parsePipeline } from '../src/definition/parse.ts';
import { planPipeline } from '../src/plan/plan.ts';
import { x } from './support/expressions.ts';
import { around } from './support/surroundings.ts';

const definition = {
  name: 'deploy',
  inputs: { version: { required: true }, token: { secret: true } },
  secrets: ['db_password'],
  steps: [
    { key: 'build', tool: 'task_exec', with: { alias: 'web1', cmd: `make ${x('inputs.version')}` } },
    {
      key: 'ship',
      needs: ['build'],
      tool: 'task_exec',
      with: {
        alias: x('each.alias'),
        cmd: `ship ${x('steps.build.output.rows[0].stdout')} ${x('inputs.version')} ${x('inputs.token')} ${x('secrets.db_password')}`,
      },
      forEach: { hosts: 'group:web', canary: 1, maxParallel: 2, stopAfterFailures: 1 },
      undo: { tool: 'task_exec', with: { alias: x('each.alias'), cmd: `back ${x('inputs.version')}` } },
      approval: { prompt: `Ship ${x('inputs.version')}?` },
    },
    {
      key: 'look',
      needs: ['ship'],
      tool: 'file_read',
      with: { alias: 'web2', path: '/srv/x' },
      lock: 'look',
    },
    {
      key: 'other',
      tool: 'task_exec',
      with: { alias: 'all', cmd: 'true', dry_run: true },
      onFailure: 'continue',
    },
  ],
};

const plan = (given: object) => {
  const { pipeline } = parsePipeline(definition);
  if (!pipeline) throw new Error('it does not parse');
  return planPipeline(pipeline, given, around);
};

test('says order, effects, hosts, arguments as far as they are known, approvals, and what is undone', () => {
  const found = plan({ inputs: { version: "1'2" }, secretInputs: { token: 'hunter2-hunter2' } });
  expect(found).toMatchObject({
    valid: true,
    problems: [],
    levels: [['build', 'other'], ['ship'], ['look']],
    approvals: ['ship'],
    notUndone: ['build'],
  });
  const [build, ship, look, other] = found.steps;
  expect(build).toMatchObject({
    effect: 'destroy',
    hosts: ['web1'],
    arguments: { cmd: "make '1'\\''2'" },
  });
  expect(ship).toMatchObject({
    hosts: ['web1', 'web2', 'web3'],
    arguments: {
      cmd: `ship ${x('steps.build.output.rows[0].stdout')} '1'\\''2' '[secret]' ${x('secrets.db_password')}`,
    },
    forEach: { batches: [['web1'], ['web2', 'web3']], maxParallel: 2, stopAfterFailures: 1 },
    approval: { prompt: "Ship 1'2?", expiresSeconds: 86_400 },
    undo: { tool: 'task_exec', arguments: { cmd: "back '1'\\''2'" } },
  });
  expect(look).toMatchObject({ effect: 'read', hosts: ['web2'], lock: 'look' });
  expect(other).toMatchObject({ effect: 'read', hosts: ['web1', 'web2', 'web3'], onFailure: 'continue' });
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('inputs are checked with the rest', () => {
  const { valid, problems } = plan({ inputs: { versoin: '1', token: 'open' }, secretInputs: {} });
  expect(valid).toBe(false);
  expect(problems).toEqual([
    { path: 'inputs.versoin', message: 'unknown; did you mean version?' },
    { path: 'inputs.version', message: 'missing' },
    { path: 'inputs.token', message: 'it is secret: give it in secretInputs' },
  ]);
});
