import { expect } from 'vitest';
import { type Failure, failureOf } from './fleet.ts';
import { type TestClient, type ToolResult, textOf } from './hub.ts';

export type Calls = Pick<TestClient, 'call' | 'ok'>;

/** What every tool that takes a host does when the host cannot be used. */
export const HOST_FAILURES = [
  ['a key that is not admitted', 'stranger', 'AUTH_FAILED', 'did not let'],
  ['nobody listens', 'closed', 'CONNECTION_FAILED', 'nothing listens there'],
  ['another host key than before', 'changed', 'HOST_KEY_MISMATCH', 'is the known one'],
] as const;

/** The answer of a call; of one that went on as a run, its answer in the end. */
export async function answerOf(
  client: Calls,
  tool: string,
  args: Record<string, unknown>,
): Promise<ToolResult> {
  const answer = await client.call(tool, args);
  const run = answer.structuredContent?.['run'] as { id: string } | undefined;
  if (!run) return withoutTrace(answer);
  const seconds = 40;
  const end = await client.call('task_wait', { id: run.id, seconds });
  const detail = (end.structuredContent ?? {}) as Record<string, unknown>;
  expect(detail, textOf(end)).toMatchObject({ ended: true });
  const { code, reason, details, hint, output, isError } = detail;
  if (code === undefined) {
    const structuredContent = output as Record<string, unknown>;
    return withoutTrace({ ...end, structuredContent, isError: isError === true });
  }
  const failure = { error: true, code, message: reason, details, hint };
  return withoutTrace({ content: end.content, structuredContent: failure, isError: true });
}

function withoutTrace(answer: ToolResult): ToolResult {
  if (answer.isError)
    expect(JSON.stringify(answer)).not.toMatch(/\\n\s+at |node_modules|\.ts:\d+|\.js:\d+|PRIVATE KEY/);
  return answer;
}

/** The answer must be this failure; after several attempts, their last one must be. */
export function causeOf(answer: ToolResult, code: string, retried = false): Failure {
  if (!retried || code !== 'CONNECTION_FAILED') return failureOf(answer, code);
  const { details, hint } = failureOf(answer, 'RETRY_LIMIT_EXCEEDED');
  const last = details['cause'] as Failure;
  expect(last).toMatchObject({ code });
  return { ...last, hint };
}

/** What a failure of a host must say, wherever it stands. */
export function expectToldOf(failure: Failure, code: string, alias: string, words: string): void {
  expect(failure.code).toBe(code);
  expect(failure.message).toContain(alias);
  expect(failure.message).toContain(words);
  expect(failure.hint.length).toBeGreaterThan(10);
  if (code === 'CONNECTION_FAILED' && failure.details)
    expect(failure.details).toMatchObject({ cause: 'refused' });
}

export async function expectUnknownAlias(client: Calls, tool: string, args: Record<string, unknown>) {
  const { message, details } = failureOf(await answerOf(client, tool, args), 'NOT_FOUND');
  expect(message).toContain('"wbe1"');
  expect(message).toContain('Did you mean "web1"?');
  expect(details).toMatchObject({ nearest: 'web1' });
}

export async function expectUnknownArgument(client: Calls, tool: string, args: Record<string, unknown>) {
  const answer = await answerOf(client, tool, { ...args, comand: 'true' });
  const { message, details } = failureOf(answer, 'INVALID_INPUT');
  expect(message).toContain(`"comand" for ${tool}. It takes: `);
  expect(details['unknown']).toEqual(['comand']);
  expect(details['allowed']).toEqual(expect.arrayContaining(Object.keys(args)));
}
