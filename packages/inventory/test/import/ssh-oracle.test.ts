import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate } from '../../src/import/ssh-config/evaluate.ts';
import { parseProxyJump } from '../../src/import/ssh-config/jump-spec.ts';
import { loadConfig } from '../../src/import/ssh-config/load.ts';
import { localFiles } from '../../src/index.ts';

/** The real client is the oracle: what it says of a name is what an import must find. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-oracle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEYWORDS = ['hostname', 'port', 'user', 'identityfile', 'proxyjump', 'proxycommand'];
const NAMES = ['a', 'b', 'ab', 'web1', 'db.example'];

interface Answer {
  hostname: string | undefined;
  port: string | undefined;
  user: string | undefined;
  proxyjump: ReturnType<typeof parseProxyJump>;
  proxycommand: string | undefined;
  identityfile: string[];
}

const hops = (jump: string | undefined): Answer['proxyjump'] =>
  jump === undefined ? undefined : parseProxyJump(jump);

function ofSsh(file: string, name: string): Answer {
  const output = execFileSync('ssh', ['-G', '-F', file, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const values = (keyword: string): string[] =>
    output
      .split('\n')
      .flatMap((line) => (line.startsWith(`${keyword} `) ? [line.slice(keyword.length + 1)] : []));
  const one = (keyword: string): string | undefined => values(keyword)[0];
  return {
    hostname: one('hostname'),
    port: one('port'),
    user: one('user'),
    proxyjump: hops(one('proxyjump')),
    proxycommand: one('proxycommand'),
    identityfile: values('identityfile'),
  };
}

function ofOurs(file: string, name: string): Answer {
  const localUser = userInfo().username;
  const { directives } = loadConfig(file, localFiles(folder, localUser));
  const settings = evaluate(directives, name, { localUser });
  return {
    hostname: settings.hostname,
    port: String(settings.port),
    user: settings.user,
    proxyjump: hops(settings.proxyJump),
    proxycommand: settings.proxyCommand,
    identityfile: settings.identityFiles,
  };
}

/** ssh lists its default keys when none is named. */
const comparable = (ours: Answer, theirs: Answer): Answer =>
  ours.identityfile.length === 0 ? { ...theirs, identityfile: [] } : theirs;

const pattern = fc.constantFrom(
  '*',
  'a',
  'b',
  'a*',
  '?',
  '??',
  'web?',
  '*.example',
  'db.example',
  'x',
  '!a',
  '!web*',
  '!b',
);
const word = fc.constantFrom('one', 'two.example', '10.0.0.1', 'a-b', 'x_y', 'h%%', 'pre-%h');
const value: Record<string, fc.Arbitrary<string>> = {
  hostname: word,
  port: fc.integer({ min: 1, max: 65_535 }).map(String),
  user: fc.constantFrom('root', 'deploy', 'u.x'),
  identityfile: fc.constantFrom(
    '~/.ssh/one',
    '/k/two',
    '"/k/with space"',
    "'/k/single'",
    '/k/a\\ b',
    '/k/%h-%r',
  ),
  proxyjump: fc.constantFrom('none', 'edge', 'u@edge', 'edge:2222', 'u@edge:2222,inner', 'ssh://u@edge:22'),
  proxycommand: fc.constantFrom('none', 'nc %h %p', 'ssh -W %h:%p edge'),
};
const spelled = (keyword: string): fc.Arbitrary<string> =>
  fc.constantFrom(keyword, keyword.toUpperCase(), (keyword[0] ?? '').toUpperCase() + keyword.slice(1));
const separator = fc.constantFrom(' ', '\t', ' = ', '=', '  ', '= ', ' =');
const indent = fc.constantFrom('', '  ', '\t');
const end = fc.constantFrom('', ' ', '\t', '\r', ' # remark');

const setting = fc
  .constantFrom(...KEYWORDS)
  .chain((keyword) =>
    fc
      .tuple(
        indent,
        spelled(keyword),
        separator,
        value[keyword] ?? word,
        keyword.startsWith('proxy') ? fc.constant('') : end,
      )
      .map((parts) => parts.join('')),
  );
const hostLine = fc
  .tuple(
    spelled('host'),
    separator,
    fc.array(pattern, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', ' # web1 a b', '\t#ab'),
  )
  .map(([keyword, by, patterns, remark]) => `${keyword}${by}${patterns.join(' ')}${remark}`);
const criterion = fc.oneof(
  fc.constant('all'),
  fc
    .tuple(
      fc.constantFrom('', '!'),
      fc.constantFrom('host', 'originalhost', 'user', 'localuser'),
      fc.constantFrom('*', 'a', 'a,b', '*.example', 'one', 'root', 'deploy,root', 'web*,!web1', 'pre-*'),
    )
    .map(([not, name, list]) => `${not}${name} ${list}`),
);
const matchLine = fc
  .oneof(
    criterion,
    fc
      .tuple(criterion, criterion)
      .filter((both) => !both.includes('all'))
      .map((both) => both.join(' ')),
  )
  .map((criteria) => `Match ${criteria}`);
const noise = fc.constantFrom(
  '',
  '# a remark',
  '   ',
  'Compression yes',
  '\t# Host a',
  'ServerAliveInterval=5',
);
const line = fc.oneof(
  { weight: 6, arbitrary: setting },
  { weight: 3, arbitrary: hostLine },
  { weight: 1, arbitrary: matchLine },
  { weight: 1, arbitrary: noise },
);
const lines = fc.array(line, { maxLength: 14 });

test('finds what ssh finds, for any config', () => {
  fc.assert(
    fc.property(lines, fc.constantFrom(...NAMES), (config, name) => {
      const file = join(folder, 'config');
      writeFileSync(file, `${config.join('\n')}\n`);
      const ours = ofOurs(file, name);
      expect(ours).toEqual(comparable(ours, ofSsh(file, name)));
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('finds what ssh finds, with files included anywhere', () => {
  const include = fc.constantFrom('inner*', 'inner1', 'inner2 inner1', 'missing', 'deep').map((names) => {
    const paths = names.split(' ').map((name) => join(folder, `${name}.conf`));
    return `Include ${paths.join(' ')}`;
  });
  const including = fc.array(fc.oneof({ weight: 4, arbitrary: line }, { weight: 1, arbitrary: include }), {
    maxLength: 10,
  });
  fc.assert(
    fc.property(including, lines, lines, fc.constantFrom(...NAMES), (outer, first, second, name) => {
      const write = (file: string, content: readonly string[]): string => {
        writeFileSync(join(folder, file), `${content.join('\n')}\n`);
        return join(folder, file);
      };
      write('inner1.conf', first);
      write('inner2.conf', second);
      write('deep.conf', [`Include ${join(folder, 'inner2.conf')}`, ...first]);
      const file = write('outer', outer);
      const ours = ofOurs(file, name);
      expect(ours).toEqual(comparable(ours, ofSsh(file, name)));
    }),
    { numRuns: 120 },
  );
}, 120_000);
