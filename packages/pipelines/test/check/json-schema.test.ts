import { expect, test } from 'vitest';
import { SAMPLE, sampleOf, schemasAt, typesOf } from '../../src/check/json-schema.ts';

const schema = {
  type: 'object',
  properties: {
    alias: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    env: { type: 'object', additionalProperties: { type: 'string', maxLength: 9 } },
    commands: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string' },
          { type: 'object', properties: { command: { type: 'string', minLength: 1 } } },
        ],
      },
    },
    level: { enum: ['low', 3, null] },
    kind: { const: 'a' },
    many: { type: 'array', minItems: 2, items: { type: 'integer', minimum: 5 } },
    count: { type: 'integer', default: 7 },
    least: { type: 'number', minimum: 10 },
    yes: { type: 'boolean' },
    nothing: { type: 'null' },
    free: {},
  },
};
const at = (...path: string[]) => schemasAt(schema, path);

test('the schema of an argument is found through objects, records, lists and alternatives', () => {
  expect(at('env', 'ANY')).toEqual([{ type: 'string', maxLength: 9 }]);
  expect(at('commands', '3', 'command')).toEqual([{ type: 'string', minLength: 1 }]);
  expect(at('alias', '0')).toEqual([{ type: 'string' }]);
  expect(at('unknown')).toEqual([]);
  expect(schemasAt({ type: 'object', properties: {} }, ['toString'])).toEqual([]);
});

test('the types that an argument takes; none known when the schema does not say', () => {
  expect([...typesOf(at('alias')[0] ?? {})]).toEqual(['string', 'array']);
  expect([...typesOf(at('level')[0] ?? {})]).toEqual(['string', 'number', 'null']);
  expect([...typesOf(at('kind')[0] ?? {})]).toEqual(['string']);
  expect([...typesOf(at('free')[0] ?? {})]).toEqual([]);
});

test.each([
  ['alias', SAMPLE],
  ['env', {}],
  ['level', 'low'],
  ['kind', 'a'],
  ['many', [5, 5]],
  ['count', 7],
  ['least', 10],
  ['yes', false],
  ['nothing', null],
  ['free', SAMPLE],
])('something stands in for a value that is not known yet: %s', (name, sample) => {
  expect(sampleOf(at(name)[0])).toEqual(sample);
});
