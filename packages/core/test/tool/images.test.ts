import { type AnyTool, compileTool, createCaller, type ToolAnswer } from '@flotilla/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { callerOptions } from '../fixtures/ports.ts';

const principal = { id: 'stdio:7', kind: 'stdio' as const };

function draw(images: NonNullable<AnyTool['images']>): Promise<ToolAnswer> {
  const { options } = callerOptions({});
  const tool: AnyTool = {
    name: 'draw',
    title: 'Draw',
    description: 'Draws.',
    effect: 'read',
    input: z.object({ title: z.string().default('x') }),
    output: z.object({ values: z.array(z.number()) }),
    run: async () => ({ values: [1, 2] }),
    images,
  };
  const signal = new AbortController().signal;
  return createCaller(options)(compileTool(tool, 'demo'), { name: 'draw', args: {}, principal, signal });
}

it('pictures come behind the text, drawn from the answer', async () => {
  const seen: unknown[] = [];
  const answer = await draw(async (output, input) => {
    seen.push(output, input);
    return [{ mimeType: 'image/png', data: Uint8Array.of(137, 80, 78, 71) }];
  });
  expect(seen).toEqual([{ values: [1, 2] }, { title: 'x' }]);
  expect(answer.content.map(({ type }) => type)).toEqual(['text', 'image']);
  expect(answer.content[1]).toEqual({ type: 'image', mimeType: 'image/png', data: 'iVBORw==' });
  expect(answer.structuredContent).toEqual({ values: [1, 2] });
});

it('a picture that cannot be drawn costs the picture alone', async () => {
  const answer = await draw(async () => {
    throw new Error('no font');
  });
  expect(answer.isError).toBeUndefined();
  expect(answer.structuredContent).toEqual({ values: [1, 2] });
  expect(answer.content.at(-1)).toMatchObject({
    type: 'text',
    text: expect.stringContaining('A picture is missing'),
  });
});

it('a picture that clients would refuse for its size is left out', async () => {
  const answer = await draw(async () => [{ mimeType: 'image/png', data: new Uint8Array(2 * 1024 * 1024) }]);
  expect(answer.content.map(({ type }) => type)).toEqual(['text', 'text']);
});
