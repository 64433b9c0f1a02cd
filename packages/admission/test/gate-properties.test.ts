import type { GateCall, GateTool, Principal } from '@flotilla/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGate, type GateOptions, type HostGuard } from '../src/index.ts';

const effect = fc.constantFrom('read', 'write', 'destroy') as fc.Arbitrary<GateCall['effect']>;
const tool: fc.Arbitrary<GateTool> = fc.record({
  name: fc.constantFrom('task_exec', 'file_list', 'docker_stop', 'server_add'),
  lane: fc.constantFrom('ssh-exec', 'sftp', 'fleet'),
  maxEffect: effect,
});
const principal: fc.Arbitrary<Principal> = fc.record({
  id: fc.constant('x'),
  kind: fc.constantFrom('stdio', 'cli', 'token') as fc.Arbitrary<Principal['kind']>,
  client: fc.option(
    fc.record({ name: fc.constantFrom('claude-code', 'cursor', ''), version: fc.constant('1') }),
    {
      nil: undefined,
    },
  ) as fc.Arbitrary<NonNullable<Principal['client']>>,
});
const command = fc.constantFrom('ls', 'rm -rf /', 'shutdown -h now');
const args = fc.record(
  {
    cmd: command,
    commands: fc.array(command),
    force: fc.boolean(),
    skip_policy: fc.boolean(),
    path: command,
  },
  { requiredKeys: [] },
);
const call: fc.Arbitrary<GateCall> = fc.record({
  effect,
  aliases: fc.subarray(['web1', 'db1', 'pay1', 'nobody']),
  args: args as fc.Arbitrary<Record<string, unknown>>,
});
const names = fc.subarray(['task_*', '*_list', 'docker_stop', '*']);
const policy = fc.record({
  readonly: fc.boolean(),
  denyTools: names,
  commandDeny: fc.subarray(['rm -rf', '^shutdown']),
});
const guards: fc.Arbitrary<HostGuard[]> = fc.array(
  fc.record({
    alias: fc.constantFrom('web1', 'db1', 'pay1'),
    readonly: fc.boolean(),
    protected: fc.boolean(),
  }),
);
const hostsOf =
  (list: readonly HostGuard[]) =>
  (words: readonly string[]): HostGuard[] =>
    list.filter((host) => words.includes(host.alias));
const OPEN: GateOptions = { policy: { readonly: false, denyTools: [], commandDeny: [] } };

test('what is not listed cannot be called', () => {
  fc.assert(
    fc.property(policy, guards, principal, tool, call, (rules, list, who, what, how) => {
      const gate = createGate({ policy: rules, hosts: hostsOf(list) });
      if (gate(who, what)) expect(gate(who, what, how)).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});

test('rules only ever subtract, and their order does not matter', () => {
  fc.assert(
    fc.property(policy, policy, guards, principal, tool, call, (one, other, list, who, what, how) => {
      const both = {
        readonly: one.readonly || other.readonly,
        denyTools: [...one.denyTools, ...other.denyTools],
        commandDeny: [...one.commandDeny, ...other.commandDeny],
      };
      const more = { hosts: hostsOf(list) };
      const admitted = (rules: GateOptions): boolean => createGate(rules)(who, what, how) === undefined;
      const turned = {
        readonly: both.readonly,
        denyTools: [...both.denyTools].reverse(),
        commandDeny: [...both.commandDeny].reverse(),
      };
      expect(admitted({ policy: turned, ...more })).toBe(admitted({ policy: both, ...more }));
      expect(admitted({ policy: both, ...more })).toBe(
        admitted({ policy: one, ...more }) && admitted({ policy: other, ...more }),
      );
      expect(createGate(OPEN)(who, what, how)).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test('whatever an assistant adds to its arguments, a refusal stays a refusal', () => {
  fc.assert(
    fc.property(policy, guards, tool, call, args, (rules, list, what, how, added) => {
      const gate = createGate({ policy: rules, hosts: hostsOf(list) });
      const assistant: Principal = { id: 'stdio:1', kind: 'stdio' };
      const lifted = {
        ...how,
        args: { ...how.args, force: added.force === true, skip_policy: added.skip_policy === true },
      };
      if (gate(assistant, what, how)) expect(gate(assistant, what, lifted)).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});

test('every refusal is a failure that says what to do', () => {
  fc.assert(
    fc.property(policy, guards, principal, tool, call, (rules, list, who, what, how) => {
      const refusal = createGate({ policy: rules, hosts: hostsOf(list) })(who, what, how);
      if (!refusal) return;
      expect(['DENIED', 'APPROVAL_REQUIRED']).toContain(refusal.code);
      expect(refusal.hint.length).toBeGreaterThan(20);
      expect(() => JSON.stringify(refusal.details)).not.toThrow();
    }),
  );
});
