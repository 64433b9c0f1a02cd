import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from '../../src/import/orchestrator/json-fault.ts';
import { type ImportPlan, planOrchestrator } from '../../src/index.ts';
import { memoryFiles } from './memory-files.ts';

const plan = (servers: unknown, groups?: unknown, others: Record<string, string> = {}): ImportPlan =>
  planOrchestrator(
    memoryFiles({
      '/old/servers.json': typeof servers === 'string' ? servers : JSON.stringify(servers),
      ...(groups !== undefined && { '/old/server_groups.json': JSON.stringify(groups) }),
      ...others,
    }),
    '/old',
  );

test('servers and groups of the earlier orchestrator become a plan', () => {
  const found = plan(
    {
      web1: { host: '203.0.113.7', user: 'root', password: 'canary-pw' },
      web2: { host: 'web2.example', user: 'deploy', port: '2222', keyPath: 'keys/web2', readonly: true },
      web3: {
        host: '::1',
        user: 'u',
        port: 2022,
        keyPath: '~/.ssh/id',
        password: '',
        extra: 1,
        readonly: false,
      },
      web4: { host: 'h', user: 'u', port: null, keyPath: '/abs/key' },
    },
    { web: ['web1', 'web2', 'web1'], 'my group': ['web1'], broken: 'web1' },
    { '/old/keys/web2': '', '/home/me/.ssh/id': '' },
  );
  expect(found.hosts).toEqual([
    { alias: 'web1', host: '203.0.113.7', user: 'root', password: 'canary-pw' },
    {
      alias: 'web2',
      host: 'web2.example',
      user: 'deploy',
      port: 2222,
      keyPath: '/old/keys/web2',
      readonly: true,
    },
    { alias: 'web3', host: '::1', user: 'u', port: 2022, keyPath: '/home/me/.ssh/id' },
    { alias: 'web4', host: 'h', user: 'u', keyPath: '/abs/key' },
  ]);
  expect(found.groups).toEqual([{ name: 'web', aliases: ['web1', 'web2'] }]);
  expect(found.problems).toEqual([
    { where: 'group my group', what: 'The name of the group does not fit.', suggestion: 'my-group' },
    { where: 'group broken', what: 'Not imported: it is no list of aliases.' },
  ]);
  expect(found.warnings.map((warning) => `${warning.where}: ${warning.what}`)).toEqual([
    'web3: Left out: extra.',
    'web4: The key /abs/key is not there.',
    '/old/servers.json: It still holds passwords in clear: remove it once the import is done.',
  ]);
});

test('bad entries are reported one by one and never with their values, the rest is imported', () => {
  const { hosts, problems } = plan({
    good: { host: 'h', user: 'u' },
    'näme with space': { host: 'h', user: 'u' },
    nohost: { user: 'u' },
    badport: { host: 'h', user: 'u', port: 0 },
    shell: { host: '$(canary)', user: 'u' },
    lines: { host: 'h', user: 'u', password: 'canary\nx' },
    list: ['canary'],
    nothing: null,
  });
  expect(hosts.map((host) => host.alias)).toEqual(['good']);
  expect(problems.map((problem) => problem.where)).toEqual([
    'näme with space',
    'nohost',
    'badport',
    'shell',
    'lines',
    'list',
    'nothing',
  ]);
  expect(problems[0]?.suggestion).toBe('name-with-space');
  expect(JSON.stringify(problems)).not.toContain('canary');
});

test('a file that is no JSON fails the whole, with its place and without its content', () => {
  const failure = (text: string): unknown => {
    try {
      return plan(text, { web: [] });
    } catch (error) {
      return error;
    }
  };
  const broken = failure('{\n  "web1": {"host": "h", "password": "canary" "user"}\n}');
  expect(broken).toMatchObject({
    code: 'INVALID_INPUT',
    message: '/old/servers.json is not valid JSON: line 2, column 46. Nothing was imported.',
    details: { file: '/old/servers.json', line: 2, column: 46 },
  });
  expect(JSON.stringify(broken) + String(broken)).not.toContain('canary');
  expect(failure('')).toMatchObject({ details: { line: 1, column: 1 } });
  expect(failure('[]')).toMatchObject({ code: 'INVALID_INPUT', details: { file: '/old/servers.json' } });
  expect(failure('\uFEFF{}')).toMatchObject({ hosts: [] });
});

test('only groups, or nothing at all', () => {
  const files = memoryFiles({ '/old/server_groups.json': '{"web": ["web1"]}' });
  expect(planOrchestrator(files, '/old').groups).toEqual([{ name: 'web', aliases: ['web1'] }]);
  expect(() => planOrchestrator(files, '/elsewhere')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('the place of a fault is where a text stops being the beginning of JSON', () => {
  expect(jsonFault('{"a": 1,}')).toBe(8);
  expect(jsonFault('{"a" 1}')).toBe(5);
  expect(jsonFault('[1, 2')).toBe(5);
  expect(jsonFault('{"a": tru}')).toBe(6);
  expect(jsonFault('{"a": "x\ny"}')).toBe(6);
  expect(jsonFault('{} {}')).toBe(3);
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(jsonFault(text)).toBe(text.trimEnd().length);
    }),
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', 'x', '{'), (text, at, wrong) => {
      const place = at % (text.length + 1);
      const spoiled = text.slice(0, place) + wrong + text.slice(place);
      const isJson = (() => {
        try {
          JSON.parse(spoiled);
          return true;
        } catch {
          return false;
        }
      })();
      if (isJson) expect(jsonFault(spoiled)).toBe(spoiled.trimEnd().length);
      else expect(jsonFault(spoiled)).toBeLessThanOrEqual(spoiled.length);
    }),
  );
});
