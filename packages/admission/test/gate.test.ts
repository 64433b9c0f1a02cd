import type { GateCall, GateTool, Principal } from '@flotilla/core';
import { expect, test } from 'vitest';
import { createCommandRule, createGate, type GateOptions, type HostGuard } from '../src/index.ts';

const assistant: Principal = {
  id: 'stdio:1000',
  kind: 'stdio',
  client: { name: 'claude-code', version: '2' },
};
const remote: Principal = { id: 'token:ci', kind: 'token' };
const personAtTerminal: Principal = { id: 'cli:1000', kind: 'cli' };
const everyone = [assistant, remote, personAtTerminal];

const exec: GateTool = { name: 'task_exec', lane: 'ssh-exec', maxEffect: 'destroy' };
const list: GateTool = { name: 'file_list', lane: 'sftp', maxEffect: 'read' };
const call = (over: Partial<GateCall> = {}): GateCall => ({
  effect: 'destroy',
  aliases: ['web1'],
  args: {},
  ...over,
});
const OPEN = { readonly: false, denyTools: [], commandDeny: [] };
const gate = (
  policy: Partial<GateOptions['policy']> = {},
  rest: Partial<GateOptions> = {},
): ReturnType<typeof createGate> => createGate({ policy: { ...OPEN, ...policy }, ...rest });

test('without rules everyone may list and call everything', () => {
  for (const principal of everyone) {
    expect(gate()(principal, exec)).toBeUndefined();
    expect(gate()(principal, exec, call())).toBeUndefined();
  }
});

test('readonly mode hides and denies what can change something, for everyone', () => {
  const decide = gate({ readonly: true });
  for (const principal of everyone) {
    expect(decide(principal, exec)).toMatchObject({ code: 'DENIED' });
    expect(decide(principal, exec, call({ effect: 'read' }))).toMatchObject({ code: 'DENIED' });
    expect(decide(principal, list)).toBeUndefined();
    expect(decide(principal, list, call({ effect: 'read' }))).toBeUndefined();
    expect(decide(principal, list, call({ effect: 'write' }))).toMatchObject({ code: 'DENIED' });
  }
});

test('a tool that is switched off is neither listed nor called', () => {
  const decide = gate({ denyTools: ['task_*'] });
  for (const principal of everyone) {
    expect(decide(principal, exec)).toMatchObject({ code: 'DENIED' });
    expect(decide(principal, exec, call())).toMatchObject({ code: 'DENIED' });
    expect(decide(principal, list)).toBeUndefined();
  }
});

test('a name in a list is a name: dots and brackets mean themselves', () => {
  const decide = gate({ denyTools: ['file.list', '[f]ile_list', 'file_lis'] });
  expect(decide(assistant, list)).toBeUndefined();
});

const GUARDS: HostGuard[] = [
  { alias: 'web1' },
  { alias: 'db1', readonly: true },
  { alias: 'pay1', protected: true },
];
const hosts = (words: readonly string[]): HostGuard[] =>
  GUARDS.filter((host) => words.includes(host.alias) || words.includes('all'));

test('a readonly host is only looked at, by everyone, also inside a group', () => {
  const decide = gate({}, { hosts });
  for (const principal of everyone) {
    for (const aliases of [['db1'], ['all'], ['web1', 'db1']]) {
      expect(decide(principal, exec, call({ aliases }))).toMatchObject({
        code: 'DENIED',
        details: { aliases: ['db1'], guard: 'readonly' },
      });
    }
    expect(decide(principal, exec, call({ aliases: ['db1'], effect: 'read' }))).toBeUndefined();
    expect(decide(principal, exec, call({ aliases: ['web1', 'unknown'] }))).toBeUndefined();
  }
});

test('what can destroy on a protected host is for a person', () => {
  const decide = gate({}, { hosts });
  const destroy = call({ aliases: ['pay1'] });
  expect(decide(assistant, exec, destroy)).toMatchObject({
    code: 'APPROVAL_REQUIRED',
    details: { aliases: ['pay1'] },
  });
  expect(decide(remote, exec, destroy)).toMatchObject({ code: 'APPROVAL_REQUIRED' });
  expect(decide(personAtTerminal, exec, destroy)).toBeUndefined();
  expect(decide(assistant, exec, { ...destroy, effect: 'write' })).toBeUndefined();
});

test('the books of the fleet are not the hosts they name', () => {
  const decide = gate({}, { hosts });
  const remove: GateTool = { name: 'server_remove', lane: 'fleet', maxEffect: 'destroy' };
  expect(decide(assistant, remove, call({ aliases: ['db1', 'pay1'] }))).toBeUndefined();
});

const forbidden: Record<string, unknown>[] = [
  { cmd: 'rm -rf /' },
  { cmd: 'sudo  rm\t-rf   /' },
  { cmd: 'rm \\\n -rf /' },
  { cmd: 'RM -rf /' },
  { cmd: 'echo ok\nrm -rf /' },
  { commands: ['cd /', 'rm -rf /'] },
  { commands: ['cd /', { command: 'rm -rf /', timeout: 3 }] },
  { script: 'set -e\nrm -rf /' },
  { cmd: 'sh', stdin: 'rm -rf /' },
  { command: 'rm -rf /' },
];

test.each(forbidden)('the command policy refuses %o, and an assistant cannot lift it', (args) => {
  const decide = gate({ commandDeny: ['\\brm -rf /'] });
  for (const principal of [assistant, remote]) {
    expect(decide(principal, exec, call({ args }))).toMatchObject({ code: 'DENIED' });
    for (const lift of [{ force: true }, { skip_policy: true }, { force: true, skip_policy: true }]) {
      const refusal = decide(principal, exec, call({ args: { ...args, ...lift } }));
      expect(refusal).toMatchObject({ code: 'APPROVAL_REQUIRED' });
      expect(refusal?.hint).toContain('flotilla exec --force web1 -- ');
    }
  }
  expect(decide(personAtTerminal, exec, call({ args }))).toMatchObject({ code: 'APPROVAL_REQUIRED' });
  expect(decide(personAtTerminal, exec, call({ args: { ...args, force: true } }))).toBeUndefined();
});

test('other commands and other arguments pass the command policy', () => {
  const decide = gate({ commandDeny: ['\\brm -rf /'] });
  for (const args of [
    { cmd: 'ls' },
    { path: 'rm -rf /' },
    { cmd: 7 },
    { commands: [{ command: 3 }, null] },
    { force: true },
  ]) {
    expect(decide(assistant, exec, call({ args }))).toBeUndefined();
  }
  expect(gate({ commandDeny: [] })(assistant, exec, call({ args: { cmd: 'rm -rf /' } }))).toBeUndefined();
});

test('a pattern that is no regular expression is named', () => {
  expect(() => gate({ commandDeny: ['ok', '(('] })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', details: { pattern: '((' } }),
  );
});

test('a refusal never repeats the command', () => {
  const refusal = gate({ commandDeny: ['secret'] })(
    assistant,
    exec,
    call({ args: { cmd: 'secret-canary' } }),
  );
  expect(JSON.stringify(refusal) + String(refusal)).not.toContain('canary');
});

test('a command that runs by itself: the patterns of the moment, and nothing in readonly mode', () => {
  const rule = createCommandRule({ readonly: false, commandDeny: ['rm\\s+-rf'] });
  expect(rule('rm  -rf /srv')).toMatchObject({ code: 'DENIED' });
  expect(rule('test -d /srv')).toBeUndefined();
  expect(createCommandRule({ readonly: true, commandDeny: [] })('true')).toMatchObject({ code: 'DENIED' });
  expect(() => createCommandRule({ readonly: false, commandDeny: ['('] })).toThrow(/regular expression/);
});
