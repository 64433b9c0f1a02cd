import { compileServer, compileTool, defineServer, defineTool, hideSecrets, secret } from '@flotilla/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const inner = z.strictObject({ token: secret(z.string()).describe('T'), plain: z.string() });
const login = defineTool({
  name: 'login',
  title: 'Log in',
  description: 'Logs in.',
  effect: 'write',
  openWorld: false,
  input: z.object({
    user: z.string().describe('User'),
    password: secret(z.string().optional()).describe('Password'),
    again: secret(z.string()).optional(),
    options: inner.optional(),
    hosts: z.array(inner).default([]),
    any: z.record(z.string(), z.union([z.string(), inner])).optional(),
    count: z.int().default(1),
  }),
  output: z.object({ at: z.iso.datetime(), url: z.url(), size: z.int() }),
  run: async () => ({ at: '', url: '', size: 1 }),
});
const compiled = compileTool(login, 'demo');

describe('a compiled tool', () => {
  it('publishes a plain object of named arguments', () => {
    const { inputSchema } = compiled.published;
    expect(inputSchema).toMatchObject({ type: 'object', required: ['user'], additionalProperties: false });
    expect(JSON.stringify(inputSchema)).not.toMatch(/flotilla|\$schema|9007199254740991/);
    expect(inputSchema).toMatchObject({
      properties: { password: { writeOnly: true, description: 'Password' }, count: { default: 1 } },
    });
  });

  it('publishes every answer a call can give, without formats that old validators refuse', () => {
    const { outputSchema } = compiled.published;
    expect(outputSchema).toMatchObject({ type: 'object', anyOf: [{ required: ['at', 'url', 'size'] }, {}] });
    expect(JSON.stringify(outputSchema)).not.toContain('"format"');
    const job = compileTool(
      defineTool({ ...login, job: { timeoutMs: 0, summary: () => '' }, run: login.run }),
      'demo',
    );
    expect(job.published.outputSchema).toMatchObject({
      anyOf: [{}, { required: ['run'] }, { required: ['error', 'code', 'message'] }],
    });
  });

  it.each([
    ['read', { readOnlyHint: true, destructiveHint: false, idempotentHint: true }],
    ['write', { readOnlyHint: false, destructiveHint: false, idempotentHint: false }],
    ['destroy', { readOnlyHint: false, destructiveHint: true, idempotentHint: false }],
  ] as const)('hints what a tool that may %s does', (effect, hints) => {
    const tool = compileTool(defineTool({ ...login, effect: { max: effect, of: () => 'read' } }), 'demo');
    expect(tool.published.annotations).toMatchObject({ ...hints, openWorldHint: false, title: 'Log in' });
    expect(tool.gateTool).toEqual({ name: 'login', lane: 'demo', maxEffect: effect });
  });

  it('makes its schemas once', () => {
    expect(compiled.published).toBe(compiled.published);
    const server = defineServer({ name: 'demo', title: '', instructions: '', tools: [login] });
    expect(compileServer(server).map(({ lane }) => lane)).toEqual(['demo']);
  });

  it('knows where secrets are', () => {
    expect(compiled.secretPaths).toEqual(['password', 'again', 'options.token', 'hosts', 'any']);
  });

  it('hides them, and only them', () => {
    const args = { user: 'u', password: 'p', options: { token: 't', plain: 'x' }, hosts: [{ token: 't' }] };
    expect(hideSecrets(args, compiled.secretPaths)).toEqual({
      user: 'u',
      password: '[secret]',
      options: { token: '[secret]', plain: 'x' },
      hosts: '[secret]',
    });
    expect(args.password).toBe('p');
  });
});
