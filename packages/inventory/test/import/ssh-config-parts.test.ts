import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAlias, suggestName } from '../../src/import/names.ts';
import { jumpOfProxyCommand, parseProxyJump } from '../../src/import/ssh-config/jump-spec.ts';
import { lex } from '../../src/import/ssh-config/lex.ts';
import { matchLine } from '../../src/import/ssh-config/match-line.ts';
import { matchesHostLine, matchesPattern } from '../../src/import/ssh-config/patterns.ts';
import { expandPath } from '../../src/import/ssh-config/tokens.ts';

const LINES: [string, string[] | undefined][] = [
  ['Host a', ['host', 'a']],
  ['  HOST\ta  b ', ['host', 'a', 'b']],
  ['Host=a', ['host', 'a']],
  ['Host = a', ['host', 'a']],
  ['Host "a b" c', ['host', 'a b', 'c']],
  ["Host 'a b'", ['host', 'a b']],
  ['Host a\\ b', ['host', 'a b']],
  ['Host "a\\"b"', ['host', 'a"b']],
  ['Host a\\b', ['host', 'a\\b']],
  ['Host a"b"c', ['host', 'abc']],
  ['Host a # remark', ['host', 'a']],
  ['Host a#b', ['host', 'a#b']],
  ['Host a\r', ['host', 'a']],
  ['# Host a', undefined],
  ['', undefined],
  ['   \t', undefined],
];

test.each(LINES)('a line is taken apart as ssh does: %j', (line, expected) => {
  const { directives, problems } = lex(line, 'f');
  expect(problems).toEqual([]);
  expect(directives.map((directive) => [directive.keyword, ...directive.args])[0]).toEqual(expected);
});

test('what cannot be read is told with its line, the other lines stay', () => {
  const { directives, problems } = lex('Host a\nUser "x\n\nPort\nUser y', 'f');
  expect(directives.map((directive) => directive.line)).toEqual([1, 5]);
  expect(problems.map((problem) => problem.line)).toEqual([2, 4]);
});

test('no text at all breaks the reading of lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...' \t\r\n"\'\\#=aH\0é'), maxLength: 60 }), (text) => {
      const { directives, problems } = lex(text, 'f');
      expect(directives.length + problems.length).toBeLessThanOrEqual(text.split('\n').length);
      for (const { keyword, args } of directives) {
        expect(keyword).toMatch(/^\S+$/);
        expect(args.length).toBeGreaterThan(0);
      }
    }),
  );
});

const PATTERNS: [string, string, boolean][] = [
  ['web1', '*', true],
  ['web1', 'web?', true],
  ['web10', 'web?', false],
  ['web1', 'web', false],
  ['a.b', 'a.b', true],
  ['axb', 'a.b', false],
  ['a+b', 'a+b', true],
  ['(x', '(*', true],
  ['', '*', true],
  ['', '?', false],
];
test.each(PATTERNS)('%j against the pattern %j: %j', (name, pattern, fits) => {
  expect(matchesPattern(name, pattern)).toBe(fits);
});

test('a negated pattern excludes, wherever it stands; alone it includes nothing', () => {
  expect(matchesHostLine('web1', ['*', '!web1'])).toBe(false);
  expect(matchesHostLine('web1', ['!web1', '*'])).toBe(false);
  expect(matchesHostLine('web2', ['!web1', '*'])).toBe(true);
  expect(matchesHostLine('web2', ['!web1'])).toBe(false);
});

const FACTS = { original: 'web1', host: 'web1.example', user: 'deploy', localUser: 'me' };
const CRITERIA: [string, boolean][] = [
  ['all', true],
  ['!all', false],
  ['host *.example', true],
  ['host web1', false],
  ['originalhost web1', true],
  ['host=*.example', true],
  ['!host *.example', false],
  ['user deploy,root', true],
  ['user root', false],
  ['localuser me', true],
  ['host *.example user root', false],
  ['host *.example user deploy', true],
  ['HOST *.EXAMPLE', true],
];
test.each(CRITERIA)('Match %s: %j', (criteria, matches) => {
  expect(matchLine(criteria.split(' '), FACTS)).toEqual({ matches });
});

test.each([
  'exec true',
  'final',
  'canonical host x',
  'tagged x',
  'localnetwork 10.0.0.0/8',
  '!exec false',
  'host *.example exec id',
])('Match %s is never evaluated', (criteria) => {
  expect(matchLine(criteria.split(' '), FACTS)).toMatchObject({
    matches: false,
    skipped: expect.any(String),
  });
});

const JUMPS: [string, unknown][] = [
  ['edge', [{ host: 'edge' }]],
  ['u@edge', [{ host: 'edge', user: 'u' }]],
  ['edge:22', [{ host: 'edge', port: 22 }]],
  ['a@b@edge:2', [{ host: 'edge', user: 'a@b', port: 2 }]],
  ['ssh://u@edge:22/', [{ host: 'edge', user: 'u', port: 22 }]],
  ['[2001:db8::1]:22', [{ host: '2001:db8::1', port: 22 }]],
  ['u@[::1]', [{ host: '::1', user: 'u' }]],
  ['2001:db8::1', [{ host: '2001:db8::1' }]],
  ['a, u@b:2', [{ host: 'a' }, { host: 'b', user: 'u', port: 2 }]],
  ['', undefined],
  ['@edge', undefined],
  ['edge:0', undefined],
  ['edge:99999', undefined],
  ['edge:', undefined],
  ['a,,b', undefined],
];
test.each(JUMPS)('ProxyJump %j', (text, hops) => {
  expect(parseProxyJump(text)).toEqual(hops);
});

const COMMANDS: [string, string | undefined][] = [
  ['ssh -W %h:%p edge', 'edge'],
  ['ssh edge -W %h:%p', 'edge'],
  ['exec /usr/bin/ssh -q -W [%h]:%p u@edge', 'u@edge'],
  ['ssh -i key -W %h:%p edge', undefined],
  ['ssh -W %h:22 edge', undefined],
  ['ssh edge nc %h %p', undefined],
  ['nc %h %p', undefined],
  ['ssh', undefined],
];
test.each(COMMANDS)('ProxyCommand %j', (command, jump) => {
  expect(jumpOfProxyCommand(command)).toBe(jump);
});

const PATHS: [string, string | undefined][] = [
  ['~/.ssh/id', '/home/me/.ssh/id'],
  ['/abs/id', '/abs/id'],
  ['%d/.ssh/%h', '/home/me/.ssh/web1.example'],
  ['~/.ssh/%n-%r-%p-%u', '/home/me/.ssh/web1-deploy-22-me'],
  ['/k/100%%', '/k/100%'],
  ['relative/id', '/home/me/relative/id'],
  ['/k/%C', undefined],
  ['/k/%', undefined],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of ssh_config
  ['${HOME}/id', undefined],
  ['~other/id', undefined],
];
test.each(PATHS)('IdentityFile %j', (path, expected) => {
  const values = {
    homedir: '/home/me',
    localUser: 'me',
    original: 'web1',
    hostname: 'web1.example',
    user: 'deploy',
    port: 22,
  };
  expect(expandPath(path, values)).toBe(expected);
});

test('a suggested name always fits and is free', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uniqueArray(fc.string()), (name, others) => {
      const taken = new Set([...others, suggestName(name)]);
      const suggestion = suggestName(name, taken);
      expect(isAlias(suggestion)).toBe(true);
      expect(taken.has(suggestion)).toBe(false);
    }),
  );
});
