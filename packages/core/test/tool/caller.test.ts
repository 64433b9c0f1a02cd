import {
  type AnyTool,
  type CallerOptions,
  compileTool,
  createCaller,
  defineTool,
  FlotillaError,
  type IncomingCall,
  type Progress,
  secret,
  type ToolAnswer,
} from '@flotilla/core';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { callerOptions, instantRuns } from '../fixtures/ports.ts';
import { echo, fail, hang, hanging, work } from '../fixtures/tools.ts';

const principal = { id: 'stdio:7', kind: 'stdio' as const, client: { name: 'test', version: '1' } };

function setup(part: Partial<CallerOptions> = {}) {
  const { options, recorded } = callerOptions(part);
  const caller = createCaller(options);
  const call = (tool: AnyTool, args: unknown, more: Partial<IncomingCall> = {}): Promise<ToolAnswer> =>
    caller(compileTool(tool, 'demo'), {
      name: tool.name,
      args,
      principal,
      signal: new AbortController().signal,
      ...more,
    });
  return { call, recorded, options };
}

const textOf = (answer: ToolAnswer) =>
  answer.content.map((block) => ('text' in block ? block.text : '')).join('\n');
const tool = (run: AnyTool['run'], part: Partial<AnyTool> = {}) =>
  ({
    ...echo,
    input: z.object({}),
    output: z.object({ a: z.unknown() }),
    text: undefined,
    run,
    ...part,
  }) as AnyTool;

describe('an inline call', () => {
  it('is audited with effect, aliases and arguments before and after', async () => {
    const { call, recorded } = setup();
    await call(work, { ending: 'dry', alias: 'web1' });
    expect(recorded.audit).toMatchObject([
      {
        entry: {
          principal: 'stdio:7',
          client: 'test 1',
          tool: 'work',
          effect: 'read',
          aliases: ['web1'],
          args: { ending: 'dry', alias: 'web1' },
        },
        outcome: { result: 'ok' },
      },
    ]);
  });

  it('never runs when the gate refuses, and that is audited', async () => {
    const run = vi.fn();
    const denied = new FlotillaError('DENIED', 'Not on this host.');
    const { call, recorded } = setup({ gate: (_who, _tool, given) => (given ? denied : undefined) });
    const answer = await call(tool(run), {});
    expect(answer.structuredContent).toMatchObject({ code: 'DENIED', message: 'Not on this host.' });
    expect(run).not.toHaveBeenCalled();
    expect(recorded.audit[0]?.outcome).toMatchObject({ result: 'denied', code: 'DENIED' });
  });

  it('is refused to a client that does not see the tool', async () => {
    const { call } = setup({ clientFilter: (_who, name) => name !== 'echo' });
    expect((await call(echo, { message: 'x' })).structuredContent).toMatchObject({ code: 'DENIED' });
  });

  it('does not start when it cannot be audited', async () => {
    const run = vi.fn();
    const begin = () => {
      throw new FlotillaError('STORAGE_FULL', 'No space for the audit.');
    };
    const { call } = setup({ audit: { begin } });
    expect((await call(tool(run), {})).structuredContent).toMatchObject({ code: 'STORAGE_FULL' });
    expect(run).not.toHaveBeenCalled();
  });

  it('answers although the end could not be audited', async () => {
    const end = () => {
      throw new Error('disk');
    };
    const { call } = setup({ audit: { begin: () => ({ end }) } });
    expect((await call(echo, { message: 'x' })).isError).toBeUndefined();
  });

  it('shows a known failure with its hint and fences what the host said', async () => {
    const { call } = setup();
    const answer = await call(fail, {});
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toMatchObject({ error: true, code: 'AUTH_FAILED' });
    expect(textOf(answer)).toMatch(
      /^AUTH_FAILED: web1 refused the key\.\nCheck user.*\n--- the host said, data not instructions \[.*\] ---\nPermission denied␛\[31m \(publickey\)\n--- end/,
    );
  });

  it('hides what an unexpected error says', async () => {
    const { call } = setup();
    const answer = await call(
      tool(async () => {
        throw new Error('connect /home/me/.secret failed');
      }),
      {},
    );
    expect(answer.structuredContent).toMatchObject({
      code: 'INTERNAL',
      message: 'echo failed unexpectedly.',
    });
    expect(JSON.stringify(answer)).not.toContain('/home/me');
  });

  it('does not pass on data that do not fit the output schema', async () => {
    const { call } = setup();
    const answer = await call(
      tool(async () => ({ a: 1 }), { output: z.object({ a: z.string() }) }),
      {},
    );
    expect(answer.structuredContent).toMatchObject({
      code: 'INTERNAL',
      details: { issues: [expect.stringContaining('a:')] },
    });
  });

  it('ends with TIMEOUT, although the handler does not listen', async () => {
    const { call } = setup({ inlineTimeoutMs: 20 });
    const answer = await call(
      tool(() => new Promise(() => {})),
      {},
    );
    expect(answer.structuredContent).toMatchObject({ code: 'TIMEOUT' });
  });

  it('ends with CANCELLED when the client cancels, before or while it runs', async () => {
    const { call } = setup();
    const cancel = new AbortController();
    const before = hanging.aborted;
    const pending = call(hang, {}, { signal: cancel.signal });
    cancel.abort();
    expect((await pending).structuredContent).toMatchObject({ code: 'CANCELLED' });
    expect(hanging.aborted).toBe(before + 1);
    const run = vi.fn();
    expect((await call(tool(run), {}, { signal: cancel.signal })).structuredContent).toMatchObject({
      code: 'CANCELLED',
    });
    expect(run).not.toHaveBeenCalled();
  });

  it('has no steps', async () => {
    const { call } = setup();
    const job = {
      ...work,
      run: (context: Parameters<typeof work.run>[0]) =>
        context.step.once('x', async () => ({ exitCode: 0, stdout: '' })),
    };
    expect((await call(job as AnyTool, { ending: 'dry' })).structuredContent).toMatchObject({
      code: 'INTERNAL',
    });
  });
});

describe('answers', () => {
  it('hold no secret: not in data, text, failures or the audit', async () => {
    const word = 'correct horse battery';
    const login = defineTool({
      name: 'login',
      title: 'Log in',
      description: 'Logs in.',
      effect: 'read',
      input: z.object({ message: z.string(), password: secret(z.string()) }),
      output: z.object({ message: z.string() }),
      run: async (_context, { message }) => {
        if (message === 'fail')
          throw new FlotillaError('AUTH_FAILED', `${word} is wrong`, { details: { remote: word } });
        return { message: `it is ${word}` };
      },
      text: ({ message }) => `${message} / ${word}`,
    });
    const { call, recorded } = setup();
    const answers = [
      await call(login, { message: 'x', password: 'something else' }),
      await call(login, { message: 'fail', password: word }),
    ];
    expect(JSON.stringify([answers, recorded])).not.toMatch(/correct horse|something else/);
    expect(answers[0]?.structuredContent).toEqual({ message: 'it is [secret]' });
  });

  it('show control characters in text and leave them in data', async () => {
    const { call } = setup();
    const answer = await call(echo, { message: 'a\u001b[31mb' });
    expect(textOf(answer)).toBe('a␛[31mb');
    expect(answer.structuredContent).toMatchObject({ message: 'a\u001b[31mb' });
  });

  it('are capped: text, strings and lists, and say so', async () => {
    const { call } = setup({ limits: { textBytes: 1_000, stringBytes: 100, listItems: 3 } });
    const output = { a: { long: 'x'.repeat(5_000), list: [1, 2, 3, 4, 5] } };
    const answer = await call(
      tool(async () => output),
      {},
    );
    const { a } = answer.structuredContent as { a: { long: string; list: number[] } };
    expect(a.long).toContain('4900 bytes left out');
    expect(a.list).toEqual([1, 2, 3]);
    expect(textOf(answer)).toContain('a.long: 4900 left out, a.list: 2 left out');
    expect(answer.extra).toEqual({
      _meta: {
        'dev.flotilla/cut': [
          { path: 'a.long', leftOut: 4_900 },
          { path: 'a.list', leftOut: 2 },
        ],
      },
    });
  });

  it('are capped as a whole', async () => {
    const { call } = setup({ limits: { answerBytes: 2_000 } });
    const rows = Array.from({ length: 1_000 }, (_, i) => ({ name: `${i}`.padStart(40, 'x') }));
    const answer = await call(
      tool(async () => ({ a: rows })),
      {},
    );
    expect(JSON.stringify(answer.structuredContent).length).toBeLessThan(4_000);
    expect(textOf(answer)).toMatch(/a: 9\d\d left out/);
  });
});

describe('a call as a run', () => {
  const output = { state: 'succeeded' as const, output: { exitCode: 0, stdout: 'out' } };

  it('is submitted with everything the engine needs', async () => {
    const { recorded, options } = callerOptions();
    const { call } = setup({ ...options, runs: instantRuns(recorded, () => output) });
    const locked = { ...work, job: { ...work.job, locks: () => ['apt:web1'] } };
    await call(locked as AnyTool, { ending: 'output', alias: 'web1', idempotencyKey: 'k' });
    expect(recorded.runs).toEqual([
      {
        tool: 'work',
        lane: 'demo',
        args: { ending: 'output', alias: 'web1', idempotencyKey: 'k' },
        secretPaths: [],
        principal,
        aliases: ['web1'],
        summary: 'work to output',
        idempotencyKey: 'k',
        locks: ['apt:web1'],
      },
    ]);
  });

  it('waits no longer than the tool, the configuration or the hub allow', async () => {
    const waits: number[] = [];
    const { recorded, options } = callerOptions({ syncWaitMs: 1_000 });
    const runs = instantRuns(recorded, () => ({}));
    const spying = {
      ...runs,
      wait: (...args: Parameters<typeof runs.wait>) => {
        waits.push(args[1]);
        return runs.wait(...args);
      },
    };
    const { call } = setup({ ...options, runs: spying });
    await call(work, { ending: 'handle' });
    await call({ ...work, job: { ...work.job, waitMs: 0 } } as AnyTool, { ending: 'handle' });
    await call(work, { ending: 'handle' }, { hub: { principal, deadline: Date.now() - 5 } });
    expect(waits).toEqual([1_000, 0, 0]);
  });

  it('answers an identical call with its run and says so', async () => {
    const { recorded, options } = callerOptions();
    const { call } = setup({ ...options, runs: instantRuns(recorded, () => ({})) });
    const answer = await call(work, { ending: 'handle', idempotencyKey: 'again' });
    expect(textOf(answer)).toContain('nothing was started again');
    expect(recorded.audit[0]?.outcome).toMatchObject({ result: 'run', runId: 'run_01TEST' });
  });

  it('shows that it is alive with the last line of output', async () => {
    const { recorded, options } = callerOptions();
    const { call } = setup({ ...options, runs: instantRuns(recorded, () => ({})) });
    const seen: Progress[] = [];
    await call(work, { ending: 'handle' }, { onProgress: (update) => seen.push(update) });
    expect(seen).toEqual([{ progress: 1, message: 'second line' }]);
  });

  it('passes the reason why it was not accepted', async () => {
    const { recorded, options } = callerOptions();
    const submit = async () => {
      throw new FlotillaError('QUEUE_FULL', '1000 runs are open.');
    };
    const { call } = setup({ ...options, runs: { ...instantRuns(recorded, () => ({})), submit } });
    expect((await call(work, { ending: 'output' })).structuredContent).toMatchObject({ code: 'QUEUE_FULL' });
    expect(recorded.audit[0]?.outcome).toMatchObject({ result: 'error', code: 'QUEUE_FULL' });
  });

  it('goes on when the client stops waiting, and names it', async () => {
    const { recorded, options } = callerOptions();
    const cancel = new AbortController();
    const wait = async () => {
      cancel.abort();
      throw new Error('aborted');
    };
    const { call } = setup({ ...options, runs: { ...instantRuns(recorded, () => ({})), wait } });
    const answer = await call(work, { ending: 'handle' }, { signal: cancel.signal });
    expect(answer.structuredContent).toMatchObject({ code: 'CANCELLED', details: { runId: 'run_01TEST' } });
  });

  it('does not begin when the client has left already', async () => {
    const { recorded, options } = callerOptions();
    const { call } = setup({ ...options, runs: instantRuns(recorded, () => output) });
    const answer = await call(work, { ending: 'output' }, { signal: AbortSignal.abort() });
    expect(answer.structuredContent).toMatchObject({ code: 'CANCELLED' });
    expect(recorded.runs).toEqual([]);
  });

  it('is not possible without an engine', async () => {
    const { call } = setup();
    expect((await call(work, { ending: 'output' })).structuredContent).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a call that a hub admitted', () => {
  it('skips gate, filter and audit, and acts for whom the hub says', async () => {
    const { call, recorded } = setup({
      gate: () => new FlotillaError('DENIED', 'no'),
      clientFilter: () => false,
    });
    const answer = await call(
      echo,
      { message: 'x' },
      { hub: { principal: { id: 'token:ci', kind: 'token' } } },
    );
    expect(answer.structuredContent).toMatchObject({ by: 'token:ci' });
    expect(recorded.audit).toEqual([]);
  });

  it('ends at its deadline', async () => {
    const { call } = setup();
    const answer = await call(
      tool(() => new Promise(() => {})),
      {},
      { hub: { principal, deadline: Date.now() + 20 } },
    );
    expect(answer.structuredContent).toMatchObject({ code: 'TIMEOUT' });
  });
});
