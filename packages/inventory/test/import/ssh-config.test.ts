import { expect, test } from 'vitest';
import { type ImportPlan, planSshConfig } from '../../src/index.ts';
import { memoryFiles } from './memory-files.ts';

const CONFIG = '/home/me/.ssh/config';
const plan = (config: string, others: Record<string, string> = {}): ImportPlan =>
  planSshConfig(memoryFiles({ [CONFIG]: config, ...others }));

test('a usual config becomes hosts, wildcard sections applied, bastions first', () => {
  const found = plan(
    `
Include config.d/*
Host web1 web2
  HostName %h.example.org
  User deploy
  ProxyJump edge
Host edge
  HostName 203.0.113.1
  Port 2222
  IdentityFile ~/.ssh/edge
Host *
  User me-default
  IdentityFile %d/.ssh/id_%r`,
    {
      '/home/me/.ssh/config.d/10-db': 'Host db1\n  HostName 10.0.0.5\n  IdentityAgent none\n',
      '/home/me/.ssh/edge': '',
      '/home/me/.ssh/id_deploy': '',
    },
  );
  expect(found).toEqual({
    source: CONFIG,
    groups: [],
    problems: [],
    warnings: [{ where: 'db1', what: 'The key /home/me/.ssh/id_me-default is not there.' }],
    hosts: [
      {
        alias: 'db1',
        host: '10.0.0.5',
        port: 22,
        user: 'me-default',
        keyPath: '/home/me/.ssh/id_me-default',
      },
      {
        alias: 'edge',
        host: '203.0.113.1',
        port: 2222,
        user: 'me-default',
        keyPath: '/home/me/.ssh/edge',
        agent: true,
      },
      {
        alias: 'web1',
        host: 'web1.example.org',
        port: 22,
        user: 'deploy',
        keyPath: '/home/me/.ssh/id_deploy',
        agent: true,
        jump: 'edge',
      },
      {
        alias: 'web2',
        host: 'web2.example.org',
        port: 22,
        user: 'deploy',
        keyPath: '/home/me/.ssh/id_deploy',
        agent: true,
        jump: 'edge',
      },
    ],
  });
});

test('without a key in the config, the usual key that is there is taken', () => {
  const files = { '/home/me/.ssh/id_rsa': '', '/home/me/.ssh/id_ed25519': '' };
  expect(plan('Host a', files).hosts).toEqual([
    { alias: 'a', host: 'a', port: 22, user: 'me', keyPath: '/home/me/.ssh/id_ed25519', agent: true },
  ]);
  expect(plan('Host a').hosts[0]).not.toHaveProperty('keyPath');
  expect(plan('Host a\nIdentityFile none', files).hosts[0]).not.toHaveProperty('keyPath');
});

test('several hops become a chain of bastions, each registered once', () => {
  const { hosts, problems } = plan(`
Host target
  ProxyJump ops@gate.example:2200,inner,[2001:db8::7]:22
Host other
  ProxyJump ops@gate.example:2200
Host inner
  HostName 10.0.0.2
  User in`);
  expect(problems).toEqual([]);
  expect(hosts.map((host) => [host.alias, host.user, host.host, host.port, host.jump])).toEqual([
    ['ops-gate.example-2200', 'ops', 'gate.example', 2200, undefined],
    ['inner-2', 'in', '10.0.0.2', 22, 'ops-gate.example-2200'],
    ['2001-db8-7-22', 'me', '2001:db8::7', 22, 'inner-2'],
    ['target', 'me', 'target', 22, '2001-db8-7-22'],
    ['other', 'me', 'other', 22, 'ops-gate.example-2200'],
    ['inner', 'in', '10.0.0.2', 22, undefined],
  ]);
});

test('a bastion may have a bastion of its own', () => {
  const { hosts } = plan(
    'Host a\nProxyJump b\nHost b\nProxyJump x@c:99\nHost c\nProxyJump none\nHostName real-c',
  );
  expect(hosts.map((host) => [host.alias, host.host, host.jump])).toEqual([
    ['x-c-99', 'real-c', undefined],
    ['b', 'b', 'x-c-99'],
    ['a', 'a', 'b'],
    ['c', 'real-c', undefined],
  ]);
});

test('routes in a circle are reported, the rest is imported', () => {
  const { hosts, problems } = plan(`
Host a
  ProxyJump b
Host b
  ProxyJump a
Host c
  ProxyJump c
Host d
  ProxyJump u@d
Host e
  ProxyJump @@
Host fine`);
  expect(hosts.map((host) => host.alias)).toEqual(['fine']);
  expect(problems.map((problem) => problem.where)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(problems[0]?.what).toContain('a → b → a');
});

test('nothing is executed: Match exec and ProxyCommand are said, and left out', () => {
  const { hosts, warnings } = plan(`
Host a
  ProxyCommand /bin/touch /tmp/executed
Host b
  ProxyCommand ssh -q -W %h:%p gate
Match exec "touch /tmp/executed"
  User never
Match final
  Port 99`);
  expect(hosts.map((host) => [host.alias, host.user, host.port, host.jump])).toEqual([
    ['a', 'me', 22, undefined],
    ['gate', 'me', 22, undefined],
    ['b', 'me', 22, 'gate'],
  ]);
  const of = (alias: string): string =>
    warnings
      .filter((w) => w.where === alias)
      .map((w) => w.what)
      .join('\n');
  expect(of('a')).toMatch(/Match exec.*config:6[\s\S]*Match final[\s\S]*ProxyCommand is never executed/);
  expect(of('b')).not.toMatch(/ProxyCommand/);
});

test('names that do not fit are reported with one that does', () => {
  const { hosts, problems } = plan(`Host héhé ok all git@x -dash ${'x'.repeat(70)}\nHostName 10.0.0.1`);
  expect(hosts.map((host) => host.alias)).toEqual(['ok']);
  expect(problems.map((problem) => problem.suggestion)).toEqual([
    'hehe',
    'host-all',
    'git-x',
    'dash',
    'x'.repeat(60),
  ]);
});

test('values that are no address, user or port are reported', () => {
  const { hosts, problems } = plan(
    'Host a\nHostName a;b\nHost b\nUser "-l x"\nHost c\nPort 99999\nHost d\nProxyJump a',
  );
  expect(hosts).toEqual([]);
  expect(problems.map((problem) => problem.where)).toEqual(['a', 'b', 'c', 'd']);
});

test('broken lines, unknown tokens and several keys are said', () => {
  const { hosts, warnings } = plan(
    'Host a\nUser "open\nPort\nIdentityFile %C/key\nIdentityFile ~/.ssh/one\nIdentityFile ~/.ssh/two\nIdentityAgent ~/agent',
    { '/home/me/.ssh/one': '', '/home/me/.ssh/two': '' },
  );
  expect(hosts[0]).toMatchObject({
    user: 'me',
    port: 22,
    keyPath: '/home/me/.ssh/one',
    agent: '/home/me/agent',
  });
  expect(warnings.map((warning) => warning.what)).toEqual([
    'Line left out: a quote is not closed.',
    'Line left out: "Port" has no argument.',
    'IdentityFile %C/key has a token that is not known here; it was left out.',
    'Of 2 keys, /home/me/.ssh/one is used.',
  ]);
});

test('a name inside an included file counts only where it can be reached', () => {
  const { hosts } = plan('Host outer\n  Include sub\nHost other\n', {
    '/home/me/.ssh/sub': 'User inner-user\nHost hidden\nHost outer\nPort 5\n',
  });
  expect(hosts.map((host) => [host.alias, host.user, host.port])).toEqual([
    ['outer', 'inner-user', 5],
    ['other', 'me', 22],
  ]);
});

test('files that include each other end somewhere', () => {
  const { hosts, warnings } = plan('Include config\nHost a');
  expect(hosts.map((host) => host.alias)).toEqual(['a']);
  expect(warnings.some((warning) => warning.what.includes('16 levels'))).toBe(true);
});

test('a missing file is not found', () => {
  expect(() => planSshConfig(memoryFiles({}))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('where the public key is named, its private half is taken', () => {
  const files = { '/home/me/.ssh/id.pub': '', '/home/me/.ssh/id': '', '/k/only.pub': '' };
  expect(plan('Host a\nIdentityFile ~/.ssh/id.pub', files).hosts[0]).toMatchObject({
    keyPath: '/home/me/.ssh/id',
  });
  expect(plan('Host a\nIdentityFile /k/only.pub', files).hosts[0]).toMatchObject({ keyPath: '/k/only.pub' });
});
