import { test } from 'vitest';
import { failureOf, useFleet } from '../support/fleet.ts';
import { textOf } from '../support/hub.ts';

const fleet = useFleet();

test('groups: made, listed, used, removed', async ({ expect }) => {
  const { hub } = fleet;
  await hub.ok('server_group_set', { name: 'web', aliases: ['web1'] });
  expect(JSON.stringify(await hub.ok('server_group_list'))).toContain('"web"');
  expect(await hub.ok('task_exec', { alias: 'group:web', cmd: 'echo hi' })).toMatchObject({
    rows: [{ alias: 'web1', stdout: 'hi\n' }],
  });
  expect(textOf(await hub.call('server_group_list'))).toContain('web1');
  await hub.ok('server_group_remove', { name: 'web' });
  expect(JSON.stringify(await hub.ok('server_group_list'))).not.toContain('"web"');
});

test('groups that cannot be', async () => {
  const { hub } = fleet;
  failureOf(await hub.call('server_group_remove', { name: 'none' }), 'NOT_FOUND');
  failureOf(await hub.call('server_group_list', { name: 'none' }), 'INVALID_INPUT');
  failureOf(await hub.call('server_group_set', { name: 'web', aliases: ['nope'] }), 'NOT_FOUND');
  failureOf(await hub.call('server_group_set', { name: 'a b', aliases: [] }), 'INVALID_INPUT');
});

test('diagnostics: every line ok, warn or fail', async ({ expect }) => {
  const answer = await fleet.hub.call('system_diagnostics', { verbose: true });
  expect(answer.isError ?? false, textOf(answer)).toBe(false);
  expect(textOf(answer)).toMatch(/\bok\b/i);
  expect(textOf(answer)).not.toMatch(/\bfail\b.*state/i);
});

test('pool_stats tells the connections of a host that was used', async ({ expect }) => {
  await fleet.hub.ok('task_exec', { alias: 'web1', cmd: 'true' });
  const answer = await fleet.hub.call('pool_stats');
  expect(JSON.stringify(answer.structuredContent)).toContain('web1');
  expect(textOf(answer)).toContain('web1');
});

test('task_logs never holds what a host or a client said in secret', async ({ expect }) => {
  await fleet.hub.call('server_add', {
    alias: 'secretive',
    host: fleet.sshd.host,
    port: fleet.sshd.port,
    user: 'no-such-user',
    password: 'canary-of-the-log-test',
  });
  const answer = await fleet.hub.call('task_logs', { limit: 1000, level: 'trace', compact: false });
  expect(answer.isError ?? false).toBe(false);
  expect(JSON.stringify(answer)).not.toContain('canary-of-the-log-test');
});

test.for<[string, Record<string, unknown>]>([
  ['queue_stats', { verbose: 1 }],
  ['pool_stats', { alias: 5 }],
  ['system_diagnostics', { verbose: 'yes' }],
  ['task_logs', { level: 'loud' }],
  ['task_logs', { limit: 1e9 }],
  ['task_logs', { search: 'a\0b' }],
  ['task_history', { limit: 0 }],
  ['task_history', { text: 'x'.repeat(1_000_000) }],
  ['task_queue', { status: 'sleeping' }],
  ['server_list', { group: 7 }],
  ['server_test', { alias: '' }],
  ['server_remove', { alias: '../x' }],
  ['server_import', { source: 'ansible' }],
  ['fleet_status', { alias: ['a', 'b\n'] }],
  ['audit_search', { since: 'yesterday' }],
  ['server_add', { alias: 'all', host: 'h', user: 'u' }],
  ['server_add', { alias: 'x', host: '-oProxyCommand=id', user: 'u' }],
  ['server_add', { alias: 'x', host: 'h', user: 'u; id' }],
  ['server_add', { alias: 'x', host: 'h', user: 'u', port: 70_000 }],
  ['server_add', { alias: 'x'.repeat(1_000_000), host: 'h', user: 'u' }],
])('%s refuses a wrong argument', async ([name, args], { expect }) => {
  const { message } = failureOf(await fleet.hub.call(name, args), 'INVALID_INPUT');
  const [argument = ''] = Object.keys(args).filter((key) => message.includes(key));
  expect(argument, message).not.toBe('');
  expect(message.length).toBeLessThan(1_500);
});
