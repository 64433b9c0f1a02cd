import { expect, test } from 'vitest';
import { checkPipeline } from '../../src/check/check.ts';
import { parsePipeline } from '../../src/definition/parse.ts';
import { x } from '../support/expressions.ts';
import { around } from '../support/surroundings.ts';

function problemsOf(definition: object): string[] {
  const parsed = parsePipeline({ name: 'p', ...definition });
  if (!parsed.pipeline) throw new Error(JSON.stringify(parsed.problems));
  return checkPipeline(parsed.pipeline, around).problems.map(({ path, message }) => `${path}: ${message}`);
}
const exec = (key: string, more: object = {}) => ({
  key,
  tool: 'task_exec',
  with: { alias: 'web1', cmd: 'true' },
  ...more,
});

test('a pipeline that is right has no problems', () => {
  expect(
    problemsOf({
      inputs: { version: { required: true }, count: { type: 'integer' } },
      secrets: ['db_password'],
      locks: [`deploy:${x('inputs.version')}`],
      steps: [
        exec('build'),
        {
          key: 'look',
          tool: 'file_read',
          needs: ['build'],
          with: { alias: x('each.alias'), path: `/srv/${x('inputs.version')}`, lines: x('inputs.count') },
          forEach: { hosts: 'group:web' },
          undo: {
            tool: 'task_exec',
            with: { alias: x('each.alias'), cmd: `echo ${x('steps.look.items[0].state')}` },
          },
        },
        exec('ship', {
          needs: ['look'],
          when: x('steps.build.state == "succeeded" && inputs.count > 1'),
          with: {
            alias: 'all',
            cmd: `deploy ${x('steps.build.output.rows[0].stdout')} ${x('secrets.db_password')}`,
          },
          approval: { prompt: `Deploy ${x('inputs.version')}?` },
        }),
      ],
    }),
  ).toEqual([]);
});

test('every problem is told at once, with its path', () => {
  const found = problemsOf({
    inputs: { bad: { type: 'integer', default: 'x' } },
    secrets: ['nothing'],
    steps: [
      exec('a', { needs: ['c'] }),
      exec('b', { needs: ['a', 'nobody'] }),
      exec('c', { needs: ['b'] }),
      exec('tool', { tool: 'task_exce' }),
      exec('literal', { with: { alias: 'web1', cmd: '', timeout: -1, extra: 1 } }),
      exec('missing', { with: { alias: 'web1' } }),
      exec('host', { with: { alias: 'web9', cmd: 'true' } }),
      exec('hosts', { forEach: { hosts: ['web1', 'group:nobody'] } }),
      exec('undo', { undo: { tool: 'task_undo', with: {} } }),
      exec('typed', { with: { alias: 'web1', cmd: 'true', timeout: x('"t" + run.id') } }),
      exec('word', { when: 'sometimes' }),
      exec('lonely', { when: 'any_failed' }),
      exec('number', { when: x('1 + 1') }),
    ],
  });
  const circle = 'the steps need each other: a → c → b';
  for (const line of [
    `steps.a.needs: ${circle}`,
    `steps.b.needs: ${circle}`,
    `steps.c.needs: ${circle}`,
    'steps.b.needs: there is no step "nobody"',
    'steps.tool.tool: there is no tool "task_exce"; did you mean task_exec?',
    expect.stringMatching(/^steps\.literal\.with: .*"extra"/),
    expect.stringMatching(/^steps\.missing\.with: cmd: missing/),
    'steps.host.with: There is no host web9.',
    'steps.hosts.forEach.hosts: There is no host group:nobody.',
    'steps.undo.undo.tool: there is no tool "task_undo"; did you mean task_exec?',
    'steps.typed.with.timeout: gives string, the tool takes number',
    'steps.word.when: success, any_failed, always, or an expression',
    'steps.lonely.when: any_failed needs "needs": there is nothing to wait for',
    'steps.number.when: gives number, it must be true or false',
    'secrets: the vault has no secret nothing: flotilla secret set nothing',
    'inputs.bad.default: expected integer, received string',
  ])
    expect(found).toContainEqual(line);
  expect(found).toHaveLength(16);
});

test.each([
  ['an unknown input', x('inputs.nothing'), 'there is no input "nothing"; did you mean version?'],
  ['an unknown secret', x('secrets.other'), 'there is no secret in "secrets" of the pipeline "other"'],
  ['all secrets', x('secrets'), 'name one secret: secrets.NAME'],
  ['an unknown step', x('steps.nothing.state'), 'there is no step "nothing"; did you mean later?'],
  [
    'a step that is not before it',
    x('steps.later.state'),
    'step later has not ended by then: add it to "needs"',
  ],
  ['itself', x('steps.here.state'), 'step here has not ended by then: add it to "needs"'],
  ['all steps', x('steps.map(one, one)'), 'name one step: steps.KEY'],
  ['a step that is computed', x('steps[inputs.version].state'), 'name one step: steps.KEY'],
  [
    'a field that steps lack',
    x('steps.first.result'),
    'a step has state, output, failure, items, truncated, not "result"',
  ],
  ['an item without forEach', x('each.alias'), '`each` needs "forEach"'],
  ['the body of a webhook', x('body.ref'), '`body` cannot be used here'],
  ['an unknown variable', x('process.env'), expect.stringContaining('Unknown variable')],
  ['what is no expression', x('inputs.'), expect.stringContaining('"inputs."')],
  ['an expression without an end', '${'.concat('{ 1'), expect.stringContaining('without')],
])('a reference that cannot work is found before anything runs: %s', (_, text, message) => {
  const found = problemsOf({
    inputs: { version: {} },
    steps: [
      exec('first'),
      { key: 'here', needs: ['first'], tool: 'file_read', with: { alias: 'web1', path: text } },
      exec('later'),
    ],
  });
  expect(found).toContainEqual(
    typeof message === 'string'
      ? `steps.here.with.path: ${message}`
      : expect.stringMatching(/^steps\.here\.with\.path: /),
  );
});

test('commands take values as words of their own only', () => {
  const problem = (cmd: string) =>
    problemsOf({ inputs: { v: {} }, steps: [exec('a', { with: { alias: 'web1', cmd } })] }).join('\n');
  expect(problem(`echo ${x('inputs.v')}`)).toBe('');
  expect(problem(`echo "${x('inputs.v')}"`)).toContain('stands inside quotes');
  expect(problem(x('inputs.v'))).toContain('a command cannot be one expression');
  const script = { alias: 'web1', script: `print(${x('inputs.v')})`, interpreter: 'python3' };
  expect(
    problemsOf({ inputs: { v: {} }, steps: [{ key: 'a', tool: 'script_run', with: script }] }).join(),
  ).toContain('a script for python3 takes values by "env" only');
  const other = { command: `echo '${x('inputs.v')}'` };
  expect(
    problemsOf({ inputs: { v: {} }, steps: [{ key: 'a', tool: 'other_exec', with: other }] }).join(),
  ).toContain('stands inside quotes');
});

test('a pipeline does not start pipelines, and secrets stay out of what is shown', () => {
  const inner = { key: 'a', tool: 'pipeline_run', with: { command: 'x' } };
  expect(problemsOf({ steps: [inner] })).toEqual(['steps.a.tool: a pipeline cannot call pipeline_run']);
  const lock = exec('a', { lock: x('secrets.db_password'), when: x('secrets.db_password == "x"') });
  expect(problemsOf({ secrets: ['db_password'], steps: [lock] })).toEqual([
    'steps.a.when: `secrets` cannot be used here',
    'steps.a.lock: `secrets` cannot be used here',
  ]);
});

test('with the inputs of a run, what comes from them is checked like what is written out', () => {
  const definition = {
    name: 'p',
    inputs: { host: {}, count: { type: 'integer' as const } },
    steps: [
      exec('a', { with: { alias: x('inputs.host'), cmd: 'true', timeout: x('inputs.count') } }),
      {
        ...exec('b', { with: { alias: x('each.alias'), cmd: 'true' } }),
        forEach: { hosts: x('inputs.host') },
      },
    ],
  };
  const { pipeline } = parsePipeline(definition);
  if (!pipeline) throw new Error('it does not parse');
  const problems = (inputs: object) =>
    checkPipeline(pipeline, around, { inputs }).problems.map(({ path, message }) => `${path}: ${message}`);
  expect(problems({})).toEqual([]);
  expect(problems({ host: 'web1', count: 1 })).toEqual([]);
  expect(problems({ host: 'web9', count: -1 })).toEqual([
    expect.stringMatching(/^steps\.a\.with: timeout: /),
    'steps.b.forEach.hosts: There is no host web9.',
  ]);
});

test('500 steps are checked within seconds, in whatever order they stand', () => {
  const steps = Array.from({ length: 500 }, (_, index) =>
    exec(`s${index}`, {
      needs: index === 0 ? [] : [`s${index - 1}`],
      with: { alias: 'web1', cmd: `echo ${index === 0 ? x('1') : x(`steps.s${index - 1}.state`)}` },
    }),
  );
  const began = performance.now();
  expect(problemsOf({ steps: steps.toReversed() })).toEqual([]);
  expect(performance.now() - began).toBeLessThan(15_000);
  const circle = steps.map((step, index) => (index === 0 ? { ...step, needs: ['s499'] } : step));
  expect(problemsOf({ steps: circle }).length).toBeGreaterThan(400);
});
