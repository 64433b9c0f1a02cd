import { defineTool, FlotillaError, HostAlias, parseInput } from '@flotilla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const tool = defineTool({
  name: 'demo',
  title: 'Demo',
  description: 'Demo.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    lines: z.int().max(10).default(3),
    mode: z.enum(['a', 'b']).optional(),
    target: z.union([z.string().max(3), z.array(z.number())]).optional(),
    nested: z.strictObject({ deep: z.array(z.string()) }).optional(),
    free: z.unknown().optional(),
  }),
  output: z.object({}),
  run: async () => ({}),
});

function refusal(args: unknown): FlotillaError {
  try {
    parseInput(tool, args);
  } catch (error) {
    if (error instanceof FlotillaError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseInput', () => {
  it('fills in defaults', () => {
    expect(parseInput(tool, { alias: 'web1' })).toEqual({ alias: 'web1', lines: 3 });
  });

  it('names unknown arguments and lists the allowed ones', () => {
    const error = refusal({ alias: 'web1', alais: 1, linse: 2 });
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.message).toBe(
      'Unknown arguments "alais", "linse" for demo. It takes: alias, lines, mode, target, nested, free.',
    );
  });

  it.each([
    [{ alias: 7 }, 'demo: alias: expected string, received number'],
    [{}, 'demo: alias: missing, expected string'],
    [{ alias: 'a', lines: 11 }, 'demo: lines: Too big: expected number to be <=10'],
    [{ alias: 'a', mode: 'c' }, 'demo: mode: expected one of "a"|"b"'],
    [{ alias: 'a', nested: { deep: [], x: 1 } }, 'demo: nested: unknown "x"'],
    [[], 'The arguments must be an object.'],
    ['text', 'The arguments must be an object.'],
  ])('says what is wrong with %j', (args, message) => expect(refusal(args).message).toBe(message));

  it('explains every branch of a union', () => {
    expect(refusal({ alias: 'a', target: 5 }).message).toContain('expected string, received number or');
  });

  it.each([
    ['NUL', { alias: 'a', nested: { deep: ['a\0b'] } }, /nested\.deep\.0 contains a NUL character/],
    ['half a surrogate pair', { alias: 'a', target: '\ud800' }, /target is not well-formed Unicode/],
    ['NUL in a key', { alias: 'a', free: { 'x\0': 1 } }, /a key of the arguments contains a NUL/],
    ['__proto__', JSON.parse('{"alias":"a","free":{"__proto__":{}}}'), /__proto__/],
  ])('refuses %s', (_what, args, message) => expect(refusal(args).message).toMatch(message));

  it('refuses endless nesting without exhausting the stack', () => {
    let free: unknown = 1;
    for (let i = 0; i < 100_000; i++) free = [free];
    expect(refusal({ alias: 'a', free }).message).toBe('The arguments are nested more than 64 deep.');
  });

  it('never repeats a value, and stays short for a megabyte', () => {
    const value = 'hunter22'.repeat(131_072);
    const error = refusal({ alias: value, target: value, [value]: 1 });
    expect(error.message.length).toBeLessThan(400);
    expect(refusal({ alias: value, target: value }).message).not.toContain('hunter22');
  });

  it('answers anything at all with a result or INVALID_INPUT', () => {
    fc.assert(
      fc.property(fc.anything(), fc.dictionary(fc.string(), fc.anything()), (any, record) => {
        for (const args of [any, record, { alias: any }, { alias: 'a', free: any, target: any }]) {
          try {
            parseInput(tool, args);
          } catch (error) {
            expect(error).toMatchObject({ name: 'FlotillaError', code: 'INVALID_INPUT' });
          }
        }
      }),
    );
  });
});
