import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addHost, startHub, type TestHome, type TestHub, testHome } from '../support/hub.ts';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 30);
const COMMANDS = 20;
const OPEN = ['scheduled', 'queued', 'running', 'waiting', 'cancelling'];

interface Output {
  streams: { stream: string; bytes: number; complete: boolean }[];
  text?: string;
}
interface Status {
  run?: unknown;
  state: string;
  steps: { exitCode?: number | null }[];
}

let sshd: TestSshd;
let home: TestHome;
let marks: string;

beforeAll(async () => {
  sshd = await startSshd();
  home = testHome();
  marks = join(home.path, 'marks');
  mkdirSync(marks);
  const hub = await startHub(home);
  await addHost(hub, home, sshd);
  await hub.close();
});

afterAll(async () => {
  await sshd?.stop();
  home?.remove();
});

/** A command that must not run twice: it leaves a mark per execution, output on both streams and an odd exit code. */
const command = (id: string, index: number): string =>
  `echo x >> '${marks}/${id}'; echo out-${id}; sleep 0.${index % 7}; echo err-${id} >&2; echo end-${id}; exit ${index % 5}`;

async function statusOf(hub: TestHub, id: string): Promise<Status> {
  return hub.ok<Status>('task_status', { id });
}

test(`kill -9 of the hub at ${ROUNDS} random points: nothing lost, nothing twice, all output and codes there`, async () => {
  const seed = Date.now();
  let random = seed;
  const next = (): number => {
    random = (random * 1103515245 + 12345) % 2147483648;
    return random / 2147483648;
  };
  process.stderr.write(`seed ${seed}\n`);
  let acknowledged = 0;
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const hub = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
    const handles = new Map<string, { id: string; index: number }>();
    const calls = Array.from({ length: COMMANDS }, async (_, index) => {
      const id = `r${round}c${index}`;
      const answer = await hub.call('task_exec', { alias: 'web1', cmd: command(id, index) });
      const run = answer.structuredContent?.['run'] as { id: string } | undefined;
      const rows = answer.structuredContent?.['rows'] as { runId: string }[] | undefined;
      const runId = run?.id ?? rows?.[0]?.runId;
      if (runId) handles.set(id, { id: runId, index });
    });
    const settled = Promise.allSettled(calls);
    const delayMs = next() * 700;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await hub.kill();
    await settled;
    const second = await startHub(home);
    for (const [id, { id: runId, index }] of handles) {
      acknowledged += 1;
      const status = await waitFor(
        async () => {
          const found = await statusOf(second, runId);
          return OPEN.includes(found.state) ? undefined : found;
        },
        { timeoutMs: 60_000, what: `the end of ${id} (${runId})` },
      );
      const executions = readdirSync(marks).includes(id)
        ? readFileSync(join(marks, id), 'utf8').length / 2
        : 0;
      expect(executions, `${id}: executions`).toBeLessThanOrEqual(1);
      if (status.state === 'interrupted') {
        interrupted += 1;
        continue;
      }
      expect(executions, `${id}: executions`).toBe(1);
      expect(status.steps[0]?.exitCode, `${id}: exit code`).toBe(index % 5);
      const out = await second.ok<Output>('task_output', { id: runId, stream: 'stdout' });
      const err = await second.ok<Output>('task_output', { id: runId, stream: 'stderr' });
      expect(out.text).toBe(`out-${id}\nend-${id}\n`);
      expect(err.text).toBe(`err-${id}\n`);
    }
    await second.close();
  }
  process.stderr.write(`${acknowledged} acknowledged runs, ${interrupted} interrupted\n`);
  expect(acknowledged).toBeGreaterThan(ROUNDS);
}, 1_200_000);
