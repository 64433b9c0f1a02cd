import { clientFilter, configJsonSchema } from '@flotilla/core/config';
import { describe, expect, it } from 'vitest';

const client = (name?: string) => ({
  id: 'stdio:0',
  kind: 'stdio' as const,
  ...(name !== undefined && { client: { name, version: '1' } }),
});

describe('clientFilter', () => {
  const allowed = clientFilter({
    'claude-*': { deny: ['task_*'] },
    'claude-code': { allow: ['task_*', 'file_read'], deny: ['task_purge'] },
  });

  it.each([
    ['cursor', 'task_exec', true],
    ['claude-desktop', 'task_exec', false],
    ['claude-desktop', 'file_read', true],
    ['Claude-Code', 'task_exec', true],
    ['claude-code', 'task_purge', false],
    ['claude-code', 'file_write', false],
    [undefined, 'task_exec', true],
  ])('%s and %s: %s', (name, tool, expected) => expect(allowed(client(name), tool)).toBe(expected));

  it('prefers the name itself to a pattern with the same letters, in any order', () => {
    const filter = clientFilter({ 'claude*': {}, claude: { deny: ['task_*'] } });
    expect([filter(client('claude'), 'task_exec'), filter(client('claude-code'), 'task_exec')]).toEqual([
      false,
      true,
    ]);
  });

  it('can hold for every client', () => {
    expect(clientFilter({ '*': { allow: [] } })(client(), 'x')).toBe(false);
  });
});

it('publishes the schema of the config file', () => {
  expect(configJsonSchema()).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: {
      http: { additionalProperties: false, properties: { port: { description: expect.any(String) } } },
    },
  });
});
