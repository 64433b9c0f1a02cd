import { defineTool } from '@flotilla/core';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { expression, pipeline, step, undo, type With } from '../src/define.ts';
import { parsePipeline } from '../src/definition/parse.ts';

const deploy = defineTool({
  name: 'app_deploy',
  title: 'Deploy',
  description: 'Deploys.',
  effect: 'write',
  input: z.object({ alias: z.string(), count: z.number().default(1), tags: z.array(z.string()).optional() }),
  output: z.object({}),
  run: async () => ({}),
});

test('a pipeline in TypeScript is the same as in YAML', () => {
  const made = pipeline(
    'release',
    [
      step('build', { tool: 'task_exec', with: { alias: 'web1', cmd: 'make' } }),
      step('ship', {
        tool: deploy,
        with: { alias: expression('each.alias'), count: expression('inputs.count') },
        needs: ['build'],
        forEach: { hosts: 'group:web' },
        undo: undo({ tool: deploy, with: { alias: expression('each.alias'), count: 0 } }),
      }),
    ],
    { inputs: { count: { type: 'number', default: 2 } } },
  );
  const yaml = `
name: release
inputs: { count: { type: number, default: 2 } }
steps:
  - { key: build, tool: task_exec, with: { alias: web1, cmd: make } }
  - key: ship
    tool: app_deploy
    needs: [build]
    with: { alias: '\${{ each.alias }}', count: '\${{ inputs.count }}' }
    forEach: { hosts: 'group:web' }
    undo: { tool: app_deploy, with: { alias: '\${{ each.alias }}', count: 0 } }
`;
  expect(parsePipeline(made).problems).toEqual([]);
  expect(parsePipeline(made).pipeline).toEqual(parsePipeline(yaml).pipeline);
});

test('arguments are checked by the compiler, and an expression may stand for any of them', () => {
  expectTypeOf<number>().toExtend<With<number>>();
  expectTypeOf<'${{ x }}'>().toExtend<With<number>>();
  expectTypeOf<'ten'>().not.toExtend<With<number>>();
  // @ts-expect-error: alias is missing
  step('a', { tool: deploy, with: { count: 1 } });
  // @ts-expect-error: a count is a number or an expression
  step('b', { tool: deploy, with: { alias: 'web1', count: 'many' } });
  expect(
    step('c', { tool: deploy, with: { alias: 'web1', tags: ['a', expression('inputs.tag')] } }),
  ).toMatchObject({
    key: 'c',
    tool: 'app_deploy',
  });
});
