import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { EXAMPLES, example, HOSTS, program } from './example.ts';
import { person, pipelineWorld, x } from './world.ts';

const on = pipelineWorld();

test('every example is one that this program reads and would run', async () => {
  for (const file of readdirSync(EXAMPLES)) {
    const definition = readFileSync(join(EXAMPLES, file), 'utf8')
      .replaceAll('env:staging', 'web1')
      .replaceAll('env:production', 'web2');
    const inputs = { 'rolling-deploy.yaml': { tag: '1' }, 'promotion.yaml': { version: '1' } }[file] ?? {};
    const { structuredContent } = await on.call('pipeline_plan', { definition, inputs });
    expect(structuredContent, file).toMatchObject({ valid: true, problems: [] });
  }
});

test('nightly backup: archives, a copy here, verified, and a report in any case', async () => {
  const backups = join(on.sshd.home, 'backups');
  const kept = join(on.sshd.home, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), 'kept');
  const definition = example('nightly-backup', {
    '/var/backups/flotilla': `${backups}/${x('each.alias')}`,
  });
  const saved = await on.call('pipeline_save', { definition });
  expect(saved.structuredContent).toMatchObject({ name: 'nightly-backup', version: 1 });
  const run = await on.run(undefined, {
    name: 'nightly-backup',
    inputs: { hosts: 'group:web', folder: kept },
  });
  expect(run.report.steps.map(({ key, state }) => `${key} ${state}`)).toEqual([
    'backup succeeded',
    'verify succeeded',
    'fetch succeeded',
    'prune succeeded',
    'report succeeded',
  ]);
  for (const alias of HOSTS) {
    const copy = join(on.home, '.config/flotilla/files/backups', alias, `${run.id}.tar.gz`);
    expect(execFileSync('tar', ['-xzOf', copy, './file'], { encoding: 'utf8' })).toBe('kept');
  }
  const broken = await on.run(undefined, {
    name: 'nightly-backup',
    inputs: { hosts: 'group:web', folder: '/nowhere' },
  });
  expect(broken.report.steps.map(({ state }) => state)).toEqual([
    'failed',
    'skipped',
    'skipped',
    'skipped',
    'succeeded',
  ]);
});

test('promotion: staging, a person, production, and back when a test fails', async () => {
  const app = join(on.sshd.home, 'app');
  mkdirSync(app);
  // One folder for three hosts: each of them is known by the address that it was reached at.
  const own = `f=${app}/at-$(echo $SSH_CONNECTION | cut -d' ' -f3)`;
  program(join(app, 'deploy'), `${own}; echo "$1" > $f`);
  program(join(app, 'current'), `${own}; cat $f`);
  // Version 3.0 passes on staging and fails in production.
  program(join(app, 'smoke-test'), `${own}; grep -qv 3.0 $f || test $f = ${app}/at-127.0.1.1`);
  const { inventory } = on.hub.runtime.services;
  for (const [index, env] of ['staging', 'production', 'production'].entries())
    await inventory.save({ alias: `web${index + 1}`, env }, { person: true });
  const current = () => HOSTS.map((_, at) => readFileSync(join(app, `at-127.0.1.${at + 1}`), 'utf8').trim());
  const definition = example('promotion', { 'cat /srv/app/current': '/srv/app/current', '/srv/app': app });
  expect(await on.call('task_exec', { alias: 'group:web', cmd: `${app}/deploy 1.0` })).not.toHaveProperty(
    'isError',
    true,
  );
  const promote = async (version: string) => {
    const id = await on.start(definition, { inputs: { version } });
    const { engine } = on.hub.runtime.services;
    await waitFor(() => engine.get(id).state === 'waiting', { timeoutMs: 30_000, what: 'the approval' });
    await engine.answer(id, { answer: 'yes' }, person);
    return on.end(id);
  };
  expect((await promote('2.0')).report.state).toBe('succeeded');
  expect(current()).toEqual(['2.0', '2.0', '2.0']);
  expect((await promote('3.0')).report).toMatchObject({
    state: 'failed',
    undone: true,
    steps: [{}, {}, {}, { key: 'production', undo: 'undone' }, { key: 'test_production', state: 'failed' }],
  });
  expect(current()).toEqual(['3.0', '2.0', '2.0']);
}, 60_000);
