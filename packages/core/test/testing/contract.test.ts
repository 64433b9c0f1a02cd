import { type AnyTool, defineServer, defineTool } from '@flotilla/core';
import { checkServerContract } from '@flotilla/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALL } from '../fixtures/tools.ts';

const good = defineTool({
  name: 'file_list',
  title: 'List files',
  description: 'Lists a folder, e.g. `/etc`. Use file_stat for one file.',
  effect: 'read',
  input: z.object({
    alias: z.string().describe('Host'),
    where: z.strictObject({ path: z.string().describe('Path') }).describe('Where'),
  }),
  output: z.object({ rows: z.array(z.object({ name: z.string() })) }),
  run: async () => ({ rows: [] }),
});
const base = { name: 'sftp', title: 'Files', instructions: 'Files of hosts.' };
const check = (tool: AnyTool) => checkServerContract(defineServer({ ...base, tools: [tool] }));

describe('checkServerContract', () => {
  it('finds nothing wrong with good servers', () => {
    expect(check(good)).toEqual([]);
    expect(checkServerContract(defineServer({ ...base, tools: ALL }))).toEqual([]);
  });

  it.each([
    ['name', { name: 'File-List' }, /the name must be/],
    ['title', { title: ' ' }, /it has no title/],
    ['empty description', { description: '' }, /no description/],
    ['long description', { description: `${'word '.repeat(500)}.` }, /longer than 2048 bytes/],
    ['wordy description', { description: 'One. Two. Three. Four. Five.' }, /more than 4 sentences/],
    ['filler', { description: 'This tool lists.' }, /starts with "This tool"/],
    ['undescribed argument', { input: z.object({ a: z.string() }) }, /argument a is not described/],
    ['untyped argument', { input: z.object({ a: z.any().describe('A') }) }, /argument a has no type/],
    [
      'undescribed nested argument',
      { input: z.object({ a: z.array(z.strictObject({ b: z.string() })).describe('A') }) },
      /argument a\[\]\.b is not described/,
    ],
    [
      'loose nested object',
      { input: z.object({ a: z.object({ b: z.string().describe('B') }).describe('A') }) },
      /argument a drops unknown keys/,
    ],
    ['reserved output', { output: z.object({ run: z.string() }) }, /output key run is reserved/],
    [
      'recursive schema',
      {
        output: z.object({
          get children(): z.ZodArray<z.ZodType> {
            return z.array(this as unknown as z.ZodType);
          },
        }),
      },
      /cannot be published/,
    ],
  ])('finds a bad %s', (_what, part, message) => {
    const violations = check({ ...good, ...part } as AnyTool);
    expect(violations.join('\n')).toMatch(message);
    expect(violations).toHaveLength(1);
  });

  it('finds what is wrong with a server', () => {
    const bad = { name: 'Bad Name', title: '', instructions: '', tools: [good, good] };
    expect(checkServerContract(defineServer(bad))).toHaveLength(4);
    expect(
      checkServerContract(defineServer({ ...base, instructions: 'x'.repeat(2_049), tools: [] })),
    ).toHaveLength(1);
  });
});
