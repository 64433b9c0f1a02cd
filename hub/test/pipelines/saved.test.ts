import { join } from 'node:path';
import { expect, test } from 'vitest';
import { person, pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

const exec = (cmd: string, alias = 'web1') => ({ tool: 'task_exec', with: { alias, cmd } });
const data = async (
  name: string,
  args: Record<string, unknown>,
  by = undefined as typeof person | undefined,
) => (await on.call(name, args, by)).structuredContent as Record<string, never>;
const definition = (name: string, more: object = {}) => ({
  name,
  steps: [{ key: 'one', ...exec(`echo ${name} >> ~/saved.log`) }],
  ...more,
});

test('pipelines are saved in versions, listed, shown, run by name and removed', async () => {
  expect(await data('pipeline_save', { definition: definition('app') })).toEqual({
    name: 'app',
    version: 1,
    changed: true,
  });
  expect(await data('pipeline_save', { definition: definition('app') })).toMatchObject({
    version: 1,
    changed: false,
  });
  const second = definition('app', { description: 'Second', inputs: { a: { required: true } } });
  expect(await data('pipeline_save', { definition: JSON.stringify(second) })).toMatchObject({ version: 2 });
  expect(await data('pipeline_list', {})).toMatchObject({
    rows: [{ name: 'app', version: 2, inputs: ['a*'] }],
  });
  expect(await data('pipeline_list', { search: 'nothing like it' })).toEqual({ rows: [] });
  const shown = await data('pipeline_show', { name: 'app', version: 1 });
  expect(shown).toMatchObject({
    version: 1,
    versions: [{ version: 2 }, { version: 1, savedBy: 'stdio:1000' }],
  });
  expect(await data('pipeline_run', { name: 'app', inputs: { a: '1' } })).toMatchObject({
    version: 2,
    state: 'succeeded',
  });
  expect(await data('pipeline_run', { name: 'app', version: 1 })).toMatchObject({
    version: 1,
    state: 'succeeded',
  });
  expect(on.lines('saved.log')).toEqual(['app', 'app']);
  expect(await data('pipeline_remove', { name: 'app' })).toEqual({ name: 'app', versions: 2 });
});

test('an input that is missing is said', async () => {
  const needy = definition('needy', { inputs: { a: { required: true } } });
  expect(await data('pipeline_run', { definition: needy })).toMatchObject({ code: 'INVALID_INPUT' });
});

test('what is not there is named', async () => {
  for (const [tool, args] of [
    ['pipeline_show', { name: 'app' }],
    ['pipeline_remove', { name: 'app' }],
    ['pipeline_plan', { name: 'app' }],
  ] as const)
    expect(await data(tool, args)).toMatchObject({ code: 'NOT_FOUND' });
});

test('a run keeps the definition that it began with', async () => {
  const waits = (word: string) =>
    definition('kept', {
      steps: [
        { key: 'one', ...exec('until [ -e ~/go ]; do sleep 0.05; done') },
        { key: 'two', needs: ['one'], ...exec(`echo ${word} >> ~/kept.log`) },
      ],
    });
  await data('pipeline_save', { definition: waits('old') });
  const id = await on.start(undefined, { name: 'kept' });
  await data('pipeline_save', { definition: waits('new') });
  await on.restart();
  await on.call('task_exec', { alias: 'web1', cmd: 'touch ~/go' });
  expect(await on.end(id)).toMatchObject({ state: 'succeeded', report: { version: 1 } });
  expect(on.lines('kept.log')).toEqual(['old']);
});

test('a definition that is wrong is not saved, and all that is wrong is said', async () => {
  const answer = await on.call('pipeline_save', {
    definition: definition('bad', {
      steps: [
        { key: 'a', tool: 'nothing' },
        { key: 'b', ...exec('x'), needs: ['c'] },
      ],
    }),
  });
  expect(answer.structuredContent).toMatchObject({ code: 'INVALID_INPUT', details: { total: 2 } });
  expect(await data('pipeline_list', {})).not.toMatchObject({ rows: [{ name: 'bad' }] });
  expect(await data('pipeline_plan', { definition: 'name: [' })).toMatchObject({ code: 'INVALID_INPUT' });
  expect(await data('pipeline_list', { search: 'x'.repeat(200) })).toMatchObject({ code: 'INVALID_INPUT' });
});

test('what a person saved is changed by a person; secrets and webhooks are a person to save', async () => {
  await on.hub.runtime.services.secrets.set('db_password', 'hunter2-hunter2');
  const secret = definition('secret', {
    secrets: ['db_password'],
    steps: [
      {
        key: 'one',
        ...exec(
          `printf %s ${x('secrets.db_password')} | wc -c >> ~/secret.log; echo ${x('secrets.db_password')}`,
        ),
      },
    ],
  });
  for (const tool of ['pipeline_save', 'pipeline_run'])
    expect(await data(tool, { definition: secret })).toMatchObject({ code: 'DENIED' });
  expect(await data('pipeline_save', { definition: secret }, person)).toMatchObject({ version: 1 });
  // An assistant may run it; it may not read, replace or remove it.
  const run = await on.run(undefined, { name: 'secret' });
  expect(run.state).toBe('succeeded');
  expect(on.lines('secret.log').map((line) => line.trim())).toEqual(['15']);
  for (const id of [run.id, run.report.steps[0]?.items[0]?.runId ?? ''])
    for (const tool of ['task_status', 'task_output'])
      expect(JSON.stringify(await on.call(tool, { id }))).not.toContain('hunter2');
  expect(
    JSON.stringify(on.hub.runtime.services.engine.args(run.report.steps[0]?.items[0]?.runId ?? '')),
  ).toContain('PIPELINE_VALUE');
  expect(await data('pipeline_save', { definition: definition('secret') })).toMatchObject({ code: 'DENIED' });
  expect(await data('pipeline_remove', { name: 'secret' })).toMatchObject({ code: 'DENIED' });
  const hook = definition('hook', { triggers: { webhook: { secret: 'db_password' } } });
  expect(await data('pipeline_save', { definition: hook })).toMatchObject({ code: 'DENIED' });
});

test('a secret that a host says is masked for the steps after, too, as it is after a restart', async () => {
  await on.hub.runtime.services.secrets.set('db_password', 'hunter2-hunter2');
  const said = join(on.sshd.home, 'said');
  const saved = await data(
    'pipeline_save',
    {
      definition: definition('says', {
        secrets: ['db_password'],
        steps: [
          { key: 'put', ...exec(`printf %s ${x('secrets.db_password')} > ${said}`) },
          {
            key: 'read',
            needs: ['put'],
            tool: 'file_read',
            with: { source: { type: 'remote', alias: 'web1', path: said } },
          },
          { key: 'next', needs: ['read'], ...exec(`printf %s ${x('json(steps.read.output)')} > ~/next`) },
        ],
      }),
    },
    person,
  );
  expect(saved).toMatchObject({ version: 1 });
  const run = await on.run(undefined, { name: 'says' });
  expect(run.report.steps.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(on.lines('next').join()).toContain('said');
  expect(on.lines('next').join()).not.toContain('hunter2');
});

test('a pipeline saves nothing in the name of the person who runs it', async () => {
  const secret = definition('stolen', { secrets: ['db_password'] });
  for (const [tool, args] of [
    ['pipeline_save', { definition: secret }],
    ['schedule_add', { name: 'later', tool: 'pipeline_save', args: { definition: secret }, every: '1h' }],
    ['pipeline_run', { definition: secret }],
    ['task_answer', { id: 'run_01ARZ3NDEKTSV4RRFFQ69G5FAV', answer: 'yes' }],
  ] as const) {
    const trap = { name: 'trap', steps: [{ key: 'a', tool, with: args }] };
    const { failure } = await on.run(trap, {}, person);
    expect(failure).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`cannot call ${tool}`),
    });
  }
  expect(await data('pipeline_show', { name: 'stolen' })).toMatchObject({ code: 'NOT_FOUND' });
});

test('secret inputs are neither in the row of the run nor in what it answers', async () => {
  const run = await on.run(
    {
      name: 'typed',
      inputs: { token: { secret: true, required: true } },
      steps: [
        {
          key: 'one',
          ...exec(`echo got ${x('inputs.token')}; echo ${x('size(inputs.token)')} >> ~/typed.log`),
        },
      ],
    },
    { secretInputs: { token: 'correct-horse-battery' } },
  );
  expect(run.state).toBe('succeeded');
  expect(on.lines('typed.log')).toEqual(['21']);
  const { engine } = on.hub.runtime.services;
  const child = run.report.steps[0]?.items[0]?.runId ?? '';
  for (const one of [run.id, child]) {
    expect(JSON.stringify(engine.get(one))).not.toContain('correct-horse');
    expect(JSON.stringify(await on.call('task_output', { id: one }))).not.toContain('correct-horse');
  }
  const rows = on.hub.runtime.services.store.read((sql) =>
    sql.all<{ args: string; outcome: string }>(
      'SELECT args, outcome FROM job_run LEFT JOIN job_step ON run = job_run.id',
    ),
  );
  expect(JSON.stringify(rows)).not.toContain('correct-horse');
});

test('a schedule in the definition becomes one, changes with it and goes with it', async () => {
  const scheduled = (cron: string) =>
    definition('nightly', { triggers: { schedule: { cron, tz: 'Europe/Paris' } } });
  expect(await data('pipeline_save', { definition: scheduled('61 * * * *') })).toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(await data('pipeline_show', { name: 'nightly' })).toMatchObject({ code: 'NOT_FOUND' });
  await data('pipeline_save', { definition: scheduled('30 3 * * *') });
  await data('pipeline_save', { definition: scheduled('0 4 * * *') });
  const list = async () => JSON.stringify(await data('schedule_list', {}));
  expect(await list()).toContain('0 4 * * *');
  expect(await list()).not.toContain('30 3 * * *');
  const fired = await on.call('schedule_run', { name: 'pipeline-nightly' });
  expect(JSON.stringify(fired.structuredContent)).toContain('run_');
  await data('pipeline_save', { definition: definition('nightly') });
  expect(await list()).not.toContain('pipeline-nightly');
});
