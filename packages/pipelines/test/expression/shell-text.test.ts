import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderArguments, valuesIn } from '../../src/expression/render.ts';
import { refuseShellText } from '../../src/expression/shell-text.ts';
import { x } from '../support/expressions.ts';

const HOSTILE = [
  '; touch owned',
  '$(touch owned)',
  '`touch owned`',
  "'; touch owned; '",
  '"; touch owned; "',
  '\n touch owned\n',
  '| sh',
  '-rf /',
  '$'.concat('{IFS}'),
  '*',
  '\\',
  '# no',
  ' two words ',
  '',
];

/** What `sh` makes of a command of task_exec, or of another tool's. */
function words(tool: string, text: string, value: unknown): string[] {
  const argument = tool === 'task_exec' ? 'cmd' : 'command';
  const rendered = renderArguments(tool, { [argument]: text }, valuesIn({ inputs: { value } }));
  const env = (rendered['env'] ?? {}) as Record<string, string>;
  const out = execFileSync('sh', ['-c', String(rendered[argument])], {
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'buffer',
  });
  return out.toString('utf8').split('\0').slice(0, -1);
}

const show = `show() { for w; do printf '%s\\0' "$w"; done; }; show`;

test.each(['task_exec', 'other_exec'])('a value is one word of %s, whatever it is', (tool) => {
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 30 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
  );
  fc.assert(
    fc.property(hostile, (value) => {
      expect(words(tool, `${show} a ${x('inputs.value')} --tag=${x('inputs.value')} z`, value)).toEqual([
        'a',
        value,
        `--tag=${value}`,
        'z',
      ]);
    }),
    { numRuns: 60 },
  );
});

test('lists are several words, numbers and truth values their text; quote changes nothing', () => {
  expect(words('task_exec', `${show} ${x('inputs.value')}`, ['a b', 1, true])).toEqual(['a b', '1', 'true']);
  expect(words('task_exec', `${show} ${x('quote(inputs.value)')}`, "it's")).toEqual(["it's"]);
  expect(words('other_exec', `${show} ${x('quote(inputs.value)')}`, "it's")).toEqual(["it's"]);
  expect(() => words('task_exec', `${show} ${x('inputs.value')}`, { a: 1 })).toThrow(/cmd/);
  expect(() => words('task_exec', `${show} ${x('inputs.value')}`, 'a\0b')).toThrow(/cmd/);
});

test('a secret is in the environment of the command, not in its text', () => {
  const values = valuesIn({ secrets: { token: 'hunter2-hunter2' } });
  const rendered = renderArguments(
    'task_exec',
    { cmd: `login ${x('secrets.token')}`, env: { LANG: 'C' } },
    values,
  );
  expect(rendered).toEqual({
    cmd: 'login "$'.concat('{PIPELINE_VALUE_1}"'),
    env: { LANG: 'C', PIPELINE_VALUE_1: 'hunter2-hunter2' },
  });
});

test.each([
  ['inside double quotes', `echo "${x('inputs.value')}"`],
  ['inside single quotes', `echo '${x('inputs.value')}'`],
  ['inside the text of another shell', `sh -c "rm ${x('inputs.value')}"`],
  ['behind a backslash', `echo \\${x('inputs.value')}`],
  ['in a comment', `true # ${x('inputs.value')}`],
  ['in a here-document', `cat <<EOF\n${x('inputs.value')}\nEOF`],
  ['in dollar quotes', `echo $'\\'${x('inputs.value')}'`],
  ['as the whole command', x('inputs.value')],
])('a value is refused %s', (_, text) => {
  expect(refuseShellText('task_exec', text, { cmd: text })).toBeTypeOf('string');
  expect(refuseShellText('other_exec', text, { command: text })).toBeTypeOf('string');
});

test('where quotes could be counted wrongly, only variables are let in', () => {
  const text = `echo $(echo ")" ${x('inputs.value')})`;
  expect(refuseShellText('other_exec', text, {})).toBeTypeOf('string');
  for (const fine of [
    `a "b" 'c' ${x('1')}`,
    `echo "a"${x('1')}"b"`,
    `a#b ${x('1')}`,
    `# one\necho ${x('1')}`,
  ])
    expect(refuseShellText('task_exec', fine, {}), fine).toBeUndefined();
});

test('a script takes values as its interpreter reads them: shells only', () => {
  const script = `echo ${x('inputs.value')}`;
  for (const interpreter of ['sh', 'bash -e', '/usr/bin/dash'])
    expect(refuseShellText('script_run', script, { script, interpreter })).toBeUndefined();
  for (const interpreter of ['python3', 'perl', 'node'])
    expect(refuseShellText('script_run', script, { script, interpreter })).toContain('env');
});
