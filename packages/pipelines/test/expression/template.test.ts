import { expect, test } from 'vitest';
import { ExpressionError } from '../../src/expression/language.ts';
import { referencesOf } from '../../src/expression/references.ts';
import { renderArguments, renderText, renderValue, valuesIn } from '../../src/expression/render.ts';
import { parseTemplate, templatesIn } from '../../src/expression/template.ts';
import { x } from '../support/expressions.ts';

const values = valuesIn({ inputs: { n: 3, list: ['a', 'b'], text: 'hi', map: { a: 1 } } });

test('a value that is exactly one expression keeps its type, text around it makes it text', () => {
  expect(renderText(x('inputs.n'), values)).toBe(3);
  expect(renderText(x('inputs.list'), values)).toEqual(['a', 'b']);
  expect(renderText(`${x('inputs.n')} `, values)).toBe('3 ');
  expect(renderText(`v${x('inputs.n')}-${x('inputs.text')}`, values)).toBe('v3-hi');
  expect(renderText('plain $ {{ }} text', values)).toBe('plain $ {{ }} text');
  expect(() => renderText(`list: ${x('inputs.list')}`, values)).toThrow(/json/);
});

test('braces and quotes inside an expression do not end it; the sign can be written', () => {
  expect(renderText(x('{"a": {"b": inputs.n}}'), values)).toEqual({ a: { b: 3 } });
  expect(renderText(x('"}}" + inputs.text'), values)).toBe('}}hi');
  expect(renderText(x("'it\\'s }}'"), values)).toBe("it's }}");
  expect(renderText(`$${x('inputs.n')}`, values)).toBe(x('inputs.n'));
  expect(() => parseTemplate('${'.concat('{ inputs.n }'))).toThrow(ExpressionError);
});

test('every text of nested arguments is rendered, and errors name its path', () => {
  const rendered = renderValue({ a: [{ b: x('inputs.n') }], [`k${1}`]: 'c' }, values);
  expect(rendered).toEqual({ a: [{ b: 3 }], k1: 'c' });
  expect(() => renderValue({ a: [{ b: x('inputs.nothing') }] }, values)).toThrow(/^a\.0\.b: /);
  expect([...templatesIn({ a: [x('1'), 'b'], c: { d: x('2') } })].map(({ path }) => path.join('.'))).toEqual([
    'a.0',
    'c.d',
  ]);
});

test('what an expression reads is known without evaluating it', () => {
  const [part] = parseTemplate(
    x(
      'steps.a.output.rows[0].stdout + steps["b"].state + inputs.list.map(one, one + inputs[inputs.text])[0]',
    ),
  );
  const found = typeof part === 'object' ? referencesOf(part) : [];
  expect(found.map(({ root, path }) => [root, ...path].join('.'))).toEqual([
    'steps.a.output.rows',
    'steps.b.state',
    'inputs.list',
    'inputs',
    'inputs.text',
  ]);
});

test('other arguments than shell text take values as they are', () => {
  expect(
    renderArguments('file_write', { path: `/srv/${x('inputs.text')}`, lines: x('inputs.n') }, values),
  ).toEqual({ path: '/srv/hi', lines: 3 });
});
