import {
  compileTool,
  createCaller,
  createEndpoint,
  ERROR_CODES,
  ERROR_TABLE,
  effectOf,
  FlotillaError,
  HostAlias,
  HostTarget,
  isFlotillaError,
  isOpen,
  isSecret,
  maxEffect,
  OPEN_STATES,
  RUN_STATES,
  secret,
  silentLogger,
  toFlotillaError,
} from '@flotilla/core';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { callerOptions } from './fixtures/ports.ts';
import { ALL, echo } from './fixtures/tools.ts';

describe('names of hosts', () => {
  it.each(['web1', 'a', '1.example.org', 'A_b-c.d', 'x'.repeat(63)])('%s is one', (alias) => {
    expect(HostAlias.safeParse(alias).success).toBe(true);
  });

  it.each(['', '-rf', '.ssh', 'a b', 'a/b', 'a;b', 'a\n', 'ü', 'x'.repeat(64), '$(id)'])(
    '%j is none',
    (alias) => {
      expect(HostAlias.safeParse(alias).success).toBe(false);
    },
  );

  it.each([['web1'], ['all'], ['group:web'], ['env:prod'], ['tag:eu'], [['a', 'b']]])(
    '%j is a target',
    (target) => {
      expect(HostTarget.safeParse(target).success).toBe(true);
    },
  );

  it.each([['group:'], ['group:-x'], ['host:x'], [[]], [['a b']], [7], ['a,b']])(
    '%j is no target',
    (target) => {
      expect(HostTarget.safeParse(target).success).toBe(false);
    },
  );
});

describe('errors', () => {
  it.each(ERROR_CODES)('%s has a hint and says whether it can be tried again', (code) => {
    const error = new FlotillaError(code, 'words', { cause: new Error('why') });
    expect(error.hint).toBe(ERROR_TABLE[code].hint);
    expect(error.hint.length).toBeGreaterThan(10);
    expect(error.retryable).toBe(ERROR_TABLE[code].retryable);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('are known by their shape, also from another copy of the code', () => {
    const foreign = Object.assign(new Error('m'), {
      name: 'FlotillaError',
      code: 'DENIED',
      details: {},
      hint: '',
    });
    expect(isFlotillaError(foreign)).toBe(true);
    expect(isFlotillaError(Object.assign(new Error('m'), { name: 'FlotillaError', code: 'OTHER' }))).toBe(
      false,
    );
    expect(isFlotillaError(new Error('m'))).toBe(false);
    expect(isFlotillaError({ name: 'FlotillaError', code: 'DENIED' })).toBe(false);
  });

  it('of our own are logged as a defect, others become one', () => {
    const error = vi.fn();
    const log = { ...silentLogger, error, child: () => silentLogger };
    expect(toFlotillaError(new FlotillaError('INTERNAL', 'x'), log, 't').message).toBe('x');
    expect(toFlotillaError('thrown text', log, 't')).toMatchObject({
      code: 'INTERNAL',
      message: 't failed unexpectedly.',
    });
    expect(error).toHaveBeenCalledTimes(2);
    toFlotillaError(new FlotillaError('NOT_FOUND', 'x'), log, 't');
    expect(error).toHaveBeenCalledTimes(2);
  });
});

describe('effects, states and secrets', () => {
  it('depend on the arguments where a tool says so', () => {
    const effect = {
      max: 'destroy' as const,
      of: (dry: boolean) => (dry ? ('read' as const) : ('destroy' as const)),
    };
    expect([maxEffect('write'), maxEffect(effect)]).toEqual(['write', 'destroy']);
    expect([effectOf('write', true), effectOf(effect, true), effectOf(effect, false)]).toEqual([
      'write',
      'read',
      'destroy',
    ]);
  });

  it('are open or ended', () => {
    expect(RUN_STATES.filter(isOpen)).toEqual(OPEN_STATES);
    expect(RUN_STATES).toHaveLength(11);
  });

  it('keep what was said of a field before', () => {
    const marked = secret(z.string().describe('Password'));
    expect(isSecret(marked)).toBe(true);
    expect(marked.description).toBe('Password');
    expect(isSecret(z.string())).toBe(false);
  });
});

describe('an endpoint', () => {
  const principal = { id: 'token:x', kind: 'token' as const, client: { name: 'cursor', version: '1' } };
  const compiled = ALL.map((tool) => compileTool(tool, 'demo'));
  const endpoint = createEndpoint({
    info: { name: 'x', version: '1', title: 'X', instructions: '' },
    tools: () => compiled,
    call: createCaller(callerOptions().options),
    gate: (_who, tool) => (tool.maxEffect === 'destroy' ? new FlotillaError('DENIED', 'no') : undefined),
    clientFilter: ({ client }, tool) => client?.name !== 'cursor' || tool !== 'fail',
  });

  it('lists what the caller may call, nothing else', () => {
    const names = endpoint.listTools(principal).map(({ name }) => name);
    expect(names).toEqual(['echo', 'hang', 'hang_count', 'steps']);
    expect(endpoint.onToolsChanged(() => {})()).toBeUndefined();
  });

  it('knows its tools by their exact names', async () => {
    const base = { principal, signal: new AbortController().signal };
    const answer = await endpoint.callTool({ ...base, name: echo.name, args: { message: 'hi' } });
    expect(answer.content).toEqual([{ type: 'text', text: 'hi' }]);
    await expect(endpoint.callTool({ ...base, name: 'Echo', args: {} })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const long = endpoint.callTool({ ...base, name: 'x'.repeat(5_000), args: {} });
    await expect(long).rejects.toThrow(/^.{1,140}$/);
  });
});
