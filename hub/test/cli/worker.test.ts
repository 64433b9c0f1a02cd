import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMachine, type Machine } from './support/cli.ts';

let machine: Machine;
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

test('a token is shown once, listed without its value, and revoked', async () => {
  const { flotilla } = machine;
  const added = await flotilla([
    'worker',
    'token',
    'add',
    'office',
    '--lanes',
    'docker,sftp',
    '--labels',
    'lan',
  ]);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fw_\S{43}\n$/) });
  expect(added.stderr).toContain('shown this once');
  const token = added.stdout.trim();

  const listed = await flotilla(['worker', 'token', 'list']);
  expect(listed.stdout).toMatch(/office +docker, sftp +lan/);
  expect((await flotilla(['worker', 'tokens', 'list', '--json'])).json()).toMatchObject([
    { name: 'office', lanes: ['docker', 'sftp'], labels: ['lan'], standing: false },
  ]);
  expect(listed.stdout).not.toContain(token);
  expect(await flotilla(['worker', 'token', 'add', 'office', '--lanes', 'docker'])).toMatchObject({
    code: 1,
  });

  expect(await flotilla(['worker', 'token', 'revoke', 'office'])).toMatchObject({ code: 0 });
  expect(await flotilla(['worker', 'token', 'revoke', 'office'])).toMatchObject({ code: 4 });
  expect((await flotilla(['worker', 'token', 'list'])).stderr).toContain('No token');

  const trail = (await flotilla(['audit', 'search', '--json'])).stdout;
  expect(trail).toContain('worker_token_add');
  expect(trail).toContain('worker_token_revoke');
  expect(trail).not.toContain(token);
});

test.each([
  [['worker', 'token', 'add', 'x'], /at least one lane/],
  [['worker', 'token', 'add', 'x', '--lanes', 'docker,nothing'], /no lane nothing/],
  [['worker', 'token', 'add', 'x', '--lanes', 'pipelines'], /no lane pipelines/],
  [['worker', 'token', 'add', 'x', '--lanes', 'docker', '--labels', 'Office'], /Labels are/],
  [['worker', 'token', 'add', 'a/b', '--lanes', 'docker'], /no name for a token/],
  [['worker', 'reach', 'nobody', '--labels', 'lan'], /nobody/],
  [['worker'], /at least one lane/],
  [['worker', '--lanes', 'docker'], /does not know its hub/],
])('%j is refused', async (args, why) => {
  const refused = await machine.flotilla(args);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(why);
});

test('which workers reach a host is set, listed and taken back', async () => {
  const { flotilla } = machine;
  await flotilla(['host', 'add', 'nas', 'deploy@192.0.2.9', '--no-verify', '--agent']);
  expect((await flotilla(['worker', 'reach'])).stderr).toContain('Every host');
  expect((await flotilla(['worker', 'reach', 'nas'])).stderr).toContain('Give --labels');
  expect(await flotilla(['worker', 'reach', 'nas', '--labels', 'vpn,lan'])).toMatchObject({ code: 0 });
  expect((await flotilla(['worker', 'reach'])).stdout).toMatch(/nas +lan, vpn/);
  expect((await flotilla(['worker', 'reach', 'nas', '--none', '--json'])).json()).toEqual({
    alias: 'nas',
    labels: [],
  });
  expect((await flotilla(['worker', 'reach', '--json'])).json()).toEqual([]);
});

test('nobody is there', async () => {
  expect((await machine.flotilla(['worker', 'list'])).stderr).toContain('No worker is there');
  expect((await machine.flotilla(['worker', 'list', '--json'])).json()).toEqual([]);
});
