import { signHubCall, silentLogger } from '@flotilla/core';
import { type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AnyClient, connect, type Target, VERSIONS } from '../fixtures/clients.ts';
import { fixtureEndpoint } from '../fixtures/endpoint.ts';

const TOKEN = 'a-token-of-some-length';
const HUB_SECRET = 'between hub and child';

let http: HttpServing;
beforeAll(async () => {
  http = await serveHttp(fixtureEndpoint(), {
    port: 0,
    tokens: [{ name: 'tester', token: TOKEN }],
    log: silentLogger,
    hubSecret: HUB_SECRET,
  });
});
afterAll(() => http.close());

const targets: Record<string, () => Target> = {
  stdio: () => ({ env: { FLOTILLA_HUB_SECRET: HUB_SECRET } }),
  HTTP: () => ({ url: http.url, token: TOKEN }),
};

describe.each(Object.keys(targets))('over %s', (kind) => {
  describe.each(VERSIONS)('%s client', (version) => {
    let client: AnyClient;
    beforeAll(async () => {
      const target = targets[kind]?.();
      if (target === undefined) throw new Error(kind);
      client = await connect(version, target);
    });
    afterAll(() => client.close());

    it('lists the tools with their schemas, hints and the instructions', async () => {
      const tools = await client.list();
      const work = tools.find(({ name }) => name === 'work');
      expect(client.instructions()).toBe('Tools of a test.');
      expect(work).toMatchObject({
        title: 'Work',
        inputSchema: { type: 'object', required: ['ending'], additionalProperties: false },
        outputSchema: { type: 'object' },
        annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
      });
    });

    it('calls a tool and is known by principal and client name', async () => {
      const answer = await client.call('echo', { message: 'hello' });
      expect(answer.structuredContent).toEqual({
        message: 'hello',
        count: 1,
        by: kind === 'stdio' ? `stdio:${process.getuid?.()}` : 'token:tester',
        client: 'interop',
      });
      expect(answer.content).toEqual([{ type: 'text', text: 'hello' }]);
      expect(answer.isError ?? false).toBe(false);
    });

    it('gets the output of a run, also of one that went wrong', async () => {
      await client.list();
      const good = await client.call('work', { ending: 'output' });
      expect(good.structuredContent).toEqual({ exitCode: 0, stdout: 'done\n' });
      expect(good.isError ?? false).toBe(false);
      const bad = await client.call('work', { ending: 'bad_exit' });
      expect(bad.structuredContent).toEqual({ exitCode: 3, stdout: 'no\n' });
      expect(bad.content[0]?.text).toBe('exit code 3\nno\n');
      expect(bad.isError).toBe(true);
    });

    it('gets the handle of a run that goes on', async () => {
      await client.list();
      const { structuredContent, isError, content } = await client.call('work', { ending: 'handle' });
      expect(structuredContent).toMatchObject({
        run: { id: 'run_01TEST', state: 'running', summary: 'work to handle', tail: 'working\n' },
      });
      expect(isError ?? false).toBe(false);
      expect(content[0]?.text).toContain('run_01TEST');
    });

    it('gets failures with code and hint, of runs and of inline tools', async () => {
      await client.list();
      const run = await client.call('work', { ending: 'failure' });
      expect(run).toMatchObject({
        isError: true,
        structuredContent: { error: true, code: 'CONNECTION_FAILED', hint: 'server_test' },
      });
      const inline = await client.call('fail');
      expect(inline).toMatchObject({
        isError: true,
        structuredContent: { error: true, code: 'AUTH_FAILED', details: { alias: 'web1' } },
      });
      expect(inline.content[0]?.text).toMatch(/^AUTH_FAILED: web1 refused the key\.\n/);
      const wrong = await client.call('echo', { message: 'x', mesage: 'y' });
      expect(wrong).toMatchObject({ isError: true, structuredContent: { code: 'INVALID_INPUT' } });
      expect(wrong.content[0]?.text).toContain('"mesage"');
    });

    it('is told that a tool does not exist', async () => {
      await expect(client.call('nothing')).rejects.toThrow(/There is no tool "nothing"/);
    });

    it('receives progress that is sent right before a result', async () => {
      const seen: number[] = [];
      for (let i = 0; i < 20; i++)
        await client.call('steps', {}, { onprogress: ({ progress }) => seen.push(progress) });
      // A client that is not scheduled for some milliseconds still loses one: the fault is its own.
      expect(seen.length).toBeGreaterThanOrEqual(12);
    });

    it('cancels a call, and a hanging one blocks no other', async () => {
      const counts = async () =>
        (await client.call('hang_count')).structuredContent as Record<string, number>;
      const before = await counts();
      const cancel = new AbortController();
      const call = client.call('hang', {}, { signal: cancel.signal }).catch((error: unknown) => error);
      await vi.waitFor(
        async () => expect((await counts())['started']).toBe(Number(before['started']) + 1),
        10_000,
      );
      expect((await client.call('echo', { message: 'not blocked' })).structuredContent).toBeDefined();
      cancel.abort();
      expect(await call).toBeInstanceOf(Error);
      await vi.waitFor(
        async () => expect((await counts())['aborted']).toBe(Number(before['aborted']) + 1),
        10_000,
      );
    });

    it('passes a call that the hub signed for somebody, and ignores one that it did not', async () => {
      const principal = { id: 'cli:4242', kind: 'cli' as const };
      const asHub = (secret: string) =>
        client.call(
          'echo',
          { message: 'x' },
          { meta: { 'dev.flotilla/call': signHubCall({ principal }, secret) } },
        );
      expect((await asHub(HUB_SECRET)).structuredContent?.['by']).toBe('cli:4242');
      expect((await asHub('another secret')).structuredContent?.['by']).not.toBe('cli:4242');
    });

    it('is told when the list of tools changes', async () => {
      const changed = vi.fn();
      await client.onChanged(changed);
      const before = (await client.list()).length;
      await client.call('grow');
      await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 10_000);
      const after = await client.list();
      expect(after.length).toBeGreaterThan(before);
    });
  });
});
