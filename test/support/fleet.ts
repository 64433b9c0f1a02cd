import { type SshdOptions, startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { addHost, startHub, type TestHome, type TestHub, type ToolResult, testHome, textOf } from './hub.ts';

export interface Fleet {
  sshd: TestSshd;
  home: TestHome;
  hub: TestHub;
}

/** One sshd registered as web1 and one stdio hub for all tests of a file. */
export function useFleet(options: { env?: Record<string, string>; sshd?: SshdOptions } = {}): Fleet {
  const fleet = {} as Fleet;
  beforeAll(async () => {
    fleet.sshd = await startSshd(options.sshd);
    fleet.home = testHome(options.env);
    fleet.hub = await startHub(fleet.home);
    await addHost(fleet.hub, fleet.home, fleet.sshd);
  });
  afterAll(async () => {
    await fleet.hub?.close();
    await fleet.sshd?.stop();
    fleet.home?.remove();
  });
  return fleet;
}

export interface Failure {
  code: string;
  message: string;
  hint: string;
  details: Record<string, unknown>;
}

/** The failure that an answer must be; its text alone says code, message and hint. */
export function failureOf(result: ToolResult, code: string): Failure {
  const data = result.structuredContent as unknown as Failure & { error: boolean };
  expect(data, textOf(result)).toMatchObject({ error: true, code });
  expect(result.isError).toBe(true);
  const text = textOf(result);
  expect(text).toContain(`${code}: `);
  expect(data.hint).not.toBe('');
  expect(text).toContain(data.hint);
  return data;
}

export interface Row {
  alias: string;
  state: string;
  exitCode: number | null;
  signal?: string;
  stdout: string;
  stderr: string;
  truncated?: boolean;
  runId: string;
  error?: Failure;
}

export const rowsOf = (result: ToolResult): Row[] => {
  const rows = result.structuredContent?.['rows'] as Row[] | undefined;
  if (!rows) throw new Error(`no rows: ${textOf(result)}`);
  return rows;
};

/** The row of an answer about one host. */
export function rowOf(result: ToolResult): Row {
  const [row] = rowsOf(result);
  if (!row) throw new Error(`no row: ${textOf(result)}`);
  return row;
}

/** The handle of a call whose run goes on. */
export function handleOf(result: ToolResult): { id: string; state: string; next: string; tail: string } {
  const run = result.structuredContent?.['run'] as { id: string } | undefined;
  if (!run) throw new Error(`no handle: ${textOf(result)}`);
  return run as ReturnType<typeof handleOf>;
}

/** Waits for the end of a run as a client does; after a minute it says what is not done. */
export async function ended(hub: Pick<TestHub, 'ok'>, id: string): Promise<Record<string, unknown>> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const status = await hub.ok<Record<string, unknown>>('task_wait', { id, seconds: 20 });
    if (status['ended'] === true) return status;
    const steps = status['steps'] as { state: string }[];
    const open = JSON.stringify(steps.filter(({ state }) => state !== 'succeeded').slice(0, 5));
    if (status['state'] === 'waiting') throw new Error(`${id} asks: ${JSON.stringify(status['questions'])}`);
    if (performance.now() > deadline)
      throw new Error(`${id} has not ended: ${String(status['state'])} ${open}`);
  }
}
