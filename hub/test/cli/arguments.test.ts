import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/calls/arguments.ts';

const schema = {
  type: 'object',
  properties: {
    alias: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    cmd: { type: 'string' },
    timeout: { type: 'number' },
    lines: { type: 'integer' },
    sudo: { type: 'boolean' },
    env: { type: 'object', additionalProperties: { type: 'string' } },
    mode: { enum: ['upload', 7] },
    source: { type: 'object', properties: { path: { type: 'string' }, depth: { type: 'integer' } } },
    note: { type: ['string', 'null'] },
  },
};

const sources = {
  readFile: async (path: string) => {
    if (path === 'missing') throw new Error('ENOENT: no such file');
    return `content of ${path}`;
  },
  readStdin: async () => '{"alias":"web1","from":"stdin"}',
};

const parse = (...words: string[]) => parseArguments(words, schema, sources);

describe('key=value', () => {
  test.each([
    ['cmd=123', { cmd: '123' }],
    ['cmd={"a":1}', { cmd: '{"a":1}' }],
    ['cmd=', { cmd: '' }],
    ['cmd=a=b', { cmd: 'a=b' }],
    ['alias=web1', { alias: 'web1' }],
    ['alias=["web1","web2"]', { alias: ['web1', 'web2'] }],
    ['alias=7', { alias: '7' }],
    ['timeout=1.5', { timeout: 1.5 }],
    ['timeout=soon', { timeout: 'soon' }],
    ['lines=5', { lines: 5 }],
    ['lines=5.5', { lines: '5.5' }],
    ['sudo=true', { sudo: true }],
    ['sudo=yes', { sudo: 'yes' }],
    ['env.PATH=/bin', { env: { PATH: '/bin' } }],
    ['env.LEVEL=3', { env: { LEVEL: '3' } }],
    ['env={"A":"b"}', { env: { A: 'b' } }],
    ['mode=7', { mode: 7 }],
    ['mode=upload', { mode: 'upload' }],
    ['source.depth=2', { source: { depth: 2 } }],
    ['note=null', { note: null }],
    ['note=nothing', { note: 'nothing' }],
    ['unknown=[1]', { unknown: [1] }],
    ['cmd=@script.sh', { cmd: 'content of script.sh' }],
    ['cmd=@@home', { cmd: '@home' }],
    ['cmd=@', { cmd: '@' }],
  ])('%s', async (word, expected) => {
    expect(await parse(word)).toEqual(expected);
  });

  test('several words make one object, nested ones together', async () => {
    expect(await parse('alias=web1', 'source.path=/a', 'source.depth=1')).toEqual({
      alias: 'web1',
      source: { path: '/a', depth: 1 },
    });
  });

  test('a field named __proto__ is only a field', async () => {
    const result = await parse('__proto__.polluted=1');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(result)).toEqual(['__proto__']);
  });
});

describe('JSON', () => {
  test('one object as the only word', async () => {
    expect(await parse('{"cmd":"a","timeout":3}')).toEqual({ cmd: 'a', timeout: 3 });
  });

  test('- reads it from standard input', async () => {
    expect(await parse('-')).toEqual({ alias: 'web1', from: 'stdin' });
  });

  test('without a schema, values are JSON where they are', async () => {
    expect(await parseArguments(['a=1', 'b=x'], undefined, sources)).toEqual({ a: 1, b: 'x' });
  });
});

test.each([['{"cmd":'], ['cmd'], ['=x'], ['cmd=@missing'], ['[1]']])('%s is refused', async (word) => {
  await expect(parse(word)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
