import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { x } from '../pipelines/world.ts';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
let flotilla: Fleet['flotilla'];
beforeAll(async () => {
  fleet = await startFleet();
  flotilla = fleet.flotilla;
});
afterAll(() => fleet.stop());

const file = (name: string): string => join(fleet.machine.home, name);
const write = (name: string, text: string): string => {
  writeFileSync(file(name), text);
  return file(name);
};
const deploy = (more = ''): string => `
name: deploy
description: Ships a version
inputs:
  version: { required: true }
  count: { type: integer, default: 1 }
steps:
  - key: build
    tool: task_exec
    with: { alias: web1, cmd: 'echo build ${x('inputs.version')} >> ${file('log')}' }
  - key: ship
    needs: [build]
    tool: task_exec
    with: { alias: web1, cmd: 'echo ship ${x('inputs.count')} >> ${file('log')}' }
${more}`;

test('a file is planned, run, saved, listed, shown, run by its name, and removed', async () => {
  const path = write('deploy.yaml', deploy());
  const plan = await flotilla(['pipeline', 'plan', path, 'version=1.2']);
  expect(plan.code).toBe(0);
  expect(plan.stdout).toContain('1. build: task_exec (destroy)');
  expect(plan.stdout).toContain("echo build '1.2'");
  expect(existsSync(file('log'))).toBe(false);

  const ran = await flotilla(['pipeline', 'run', path, 'version=1.2', 'count=3']);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toMatch(/^deploy succeeded\.\n {2}build: succeeded \[run_\w+\]\n {2}ship: succeeded/);
  expect(ran.stderr).toContain('ship: succeeded');
  expect(readFileSync(file('log'), 'utf8')).toBe('build 1.2\nship 3\n');

  expect((await flotilla(['pipeline', 'save', path])).stdout).toContain('is saved as version 1');
  expect((await flotilla(['pipeline', 'save', path])).stdout).toContain('was saved before as version 1');
  write('deploy.yaml', deploy('onFailure: stop'));
  expect((await flotilla(['pipeline', 'save', path])).stdout).toContain('version 2');
  const listed = await flotilla(['pipelines', 'list']);
  expect(listed.stdout).toMatch(
    /^NAME +VERSION +STEPS +INPUTS +SAVED +DESCRIPTION\ndeploy +2 +2 +version\* count /,
  );
  expect((await flotilla(['pipeline', 'show', 'deploy'])).stdout).toContain('onFailure: stop');
  expect((await flotilla(['pipeline', 'show', 'deploy', '--version', '1'])).stdout).toContain(
    'onFailure: undo',
  );

  const named = await flotilla(['pipeline', 'run', 'deploy', 'version=2', '--version', '1', '--json']);
  expect(named.json()).toMatchObject({ pipeline: 'deploy', version: 1, state: 'succeeded' });
  expect((await flotilla(['pipeline', 'rm', 'deploy', '--yes'])).stdout).toContain('removed with 2 versions');
  expect(await flotilla(['pipeline', 'show', 'deploy'])).toMatchObject({ code: 4 });
});

test('what is wrong is said before anything runs', async () => {
  const path = write(
    'wrong.yaml',
    deploy().replace('needs: [build]', 'needs: [biuld]').replace('alias: web1', 'alias: web9'),
  );
  for (const verb of ['plan', 'run', 'save']) {
    const { code, stdout, stderr } = await flotilla(['pipeline', verb, path]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('there is no step "biuld"');
    expect(stdout + stderr).toContain('No host is called "web9"');
  }
  expect(await flotilla(['pipeline', 'plan', './nowhere.yaml'])).toMatchObject({ code: 4 });
  expect(await flotilla(['pipeline', 'run', 'nobody'])).toMatchObject({ code: 4 });
});

test('a program makes the pipeline; its default export must be one', async () => {
  const good = write(
    'made.mjs',
    `export default { name: 'made', steps: [1, 2].map((n) => ({ key: 's' + n, tool: 'task_exec', with: { alias: 'web1', cmd: 'true' } })) };`,
  );
  expect((await flotilla(['pipeline', 'run', good])).stdout).toContain('made succeeded');
  expect(await flotilla(['pipeline', 'run', write('none.mjs', 'export const a = 1;')])).toMatchObject({
    code: 2,
  });
});

test('a pipeline in TypeScript, its steps typed from the tools', async () => {
  const path = join(import.meta.dirname, '../fixtures/release-pipeline.ts');
  const ran = await flotilla(['pipeline', 'run', path]);
  expect(ran.stderr).not.toContain('INVALID_INPUT');
  expect(ran.stdout).toContain('typed-release succeeded');
});

test('Ctrl-C leaves the run to itself; whoever watches it takes it up', async () => {
  const path = write(
    'slow.yaml',
    `name: slow
steps:
  - { key: one, tool: task_exec, with: { alias: web1, cmd: 'echo one >> ${file('slow')}; sleep 1' } }
  - { key: two, needs: [one], tool: task_exec, with: { alias: web1, cmd: 'echo two >> ${file('slow')}' } }`,
  );
  const running = fleet.machine.start(['pipeline', 'run', path]);
  await waitFor(() => existsSync(file('slow')), { what: 'the first step' });
  process.emit('SIGINT');
  expect(await running.ended).toBe(130);
  const [id = ''] = /run_\w+/.exec(running.err()) ?? [];
  expect(running.err()).toContain(`flotilla pipeline watch ${id}`);
  const watched = await flotilla(['pipeline', 'watch', id]);
  expect(watched).toMatchObject({ code: 0 });
  expect(readFileSync(file('slow'), 'utf8')).toBe('one\ntwo\n');
});

test('a person approves at the terminal, where it runs or elsewhere; without a terminal nobody does', async () => {
  const gated = write(
    'gated.yaml',
    deploy().replace('    needs: [build]', '    needs: [build]\n    approval: { prompt: Ship it? }'),
  );
  const here = await flotilla(['pipeline', 'run', gated, 'version=3'], {
    types: [['May ship run?', '\u001b[B\r']],
  });
  expect(here.stderr).toContain('Ship it?');
  expect(here.stderr).toContain('Approved.');
  expect(here).toMatchObject({ code: 0 });

  const id = (await flotilla(['pipeline', 'run', gated, 'version=4', '--detach'])).stdout.trim();
  expect(id).toMatch(/^run_/);
  const watched = fleet.machine.start(['pipeline', 'watch', id]);
  await expect.poll(watched.err, { timeout: 20_000 }).toContain('a person has to approve ship.ask');
  expect(await flotilla(['pipeline', 'approve', id])).toMatchObject({ code: 3 });
  expect(await flotilla(['task', 'answer', id, 'yes'])).toMatchObject({ code: 3 });
  const refused = await flotilla(['pipeline', 'approve', id], { types: [['May ship run?', '\r']] });
  expect(refused.stderr).toContain('Refused.');
  expect(await watched.ended).toBe(1);
  expect(watched.out()).toContain('DENIED');
  const trail = await flotilla(['audit', 'search', '--tool', 'pipeline_approve', '--json']);
  expect(JSON.stringify(trail.json())).toContain(id);
});

test('on a terminal the steps are drawn in place', async () => {
  const shown = await flotilla(['pipeline', 'run', write('live.yaml', deploy()), 'version=5'], {
    columns: 60,
  });
  expect(shown.code).toBe(0);
  expect(shown.stderr).toContain('✓ build  task_exec  succeeded');
  expect(shown.stderr).toContain('\u001b[3A');
});
