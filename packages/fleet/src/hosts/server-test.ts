import { type AnyTool, defineTool, forEachHost, HostTarget, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import type { HostToolsDeps } from './deps.ts';
import { HostFacts } from './facts/host-facts.ts';
import { Missing, missingOn } from './facts/missing.ts';
import { measureLatency, probeFacts } from './facts/probe.ts';
import { fanOutInput } from './fan-out-input.ts';
import { HostFailure, hostFailure } from './host-failure.ts';
import { factsLine, missingText } from './host-text.ts';

const Row = z.object({
  alias: z.string(),
  ok: z.boolean().describe('Reachable, logged in, and sudo works if the host is registered with it'),
  state: z.enum(['ok', 'failed', 'skipped']),
  failure: HostFailure.optional(),
  connectMs: z.number().optional().describe('Last handshake and login'),
  latencyMs: z.number().optional().describe('An empty command on the open connection'),
  sudo: z.enum(['works', 'fails', 'not used']).optional(),
  sudoFailure: HostFailure.optional(),
  fingerprints: z.array(z.string()).optional(),
  facts: HostFacts.optional(),
  missing: z.array(Missing).optional(),
});
type Row = z.infer<typeof Row>;

export function serverTest(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_test',
    title: 'Test hosts',
    description:
      'Connects to hosts, logs in, tries sudo and measures latency; reports system, sshd and what is missing for which tools. ' +
      'Use it when a host misbehaves or is new; fleet_status shows load, memory and disk. ' +
      'It changes nothing on the hosts.',
    effect: 'read',
    input: z.object({
      alias: HostTarget,
      timeout_s: z.number().int().min(1).max(120).default(20).describe('Seconds for each host, 1–120'),
      ...fanOutInput,
    }),
    output: z.object({ rows: z.array(Row) }),
    run: async (context, { alias, timeout_s, maxParallel, stopAfterFailures }) => {
      const aliases = context.hosts.resolve(alias).map((host) => host.alias);
      let tested = 0;
      const outcomes = await forEachHost(
        aliases,
        { maxParallel, stopAfterFailures, signal: context.signal, failed: (row: Row) => !row.ok },
        async (one) => {
          const row = await testHost(deps, context, one, timeout_s * 1_000);
          context.progress({ progress: ++tested, total: aliases.length, message: one });
          return row;
        },
      );
      context.signal.throwIfAborted();
      return {
        rows: outcomes.map(
          ({ alias: one, value }): Row => value ?? { alias: one, ok: false, state: 'skipped' },
        ),
      };
    },
    isError: ({ rows }) => rows.every((row) => !row.ok),
    text: ({ rows }) => testText(rows),
  });
}

async function testHost(
  deps: HostToolsDeps,
  context: ToolContext,
  alias: string,
  timeoutMs: number,
): Promise<Row> {
  try {
    const facts = await probeFacts(context, alias, { timeoutMs, now: deps.now ?? Date.now });
    await deps.inventory.seen(alias, facts);
    const { sudo, hostKeys } = deps.inventory.get(alias);
    const connectMs = deps.links.stats().find((link) => link.alias === alias)?.connectMs;
    const tried = sudo === 'none' ? { sudo: 'not used' as const } : await trySudo(context, alias);
    return {
      alias,
      ok: tried.sudo !== 'fails',
      state: tried.sudo === 'fails' ? 'failed' : 'ok',
      ...(connectMs !== undefined && { connectMs: Math.round(connectMs) }),
      latencyMs: await measureLatency(context, alias),
      ...tried,
      fingerprints: hostKeys.map((pin) => pin.fingerprint),
      facts,
      missing: missingOn(facts, sudo),
    };
  } catch (error) {
    return { alias, ok: false, state: 'failed', failure: hostFailure(context, alias, error) };
  }
}

async function trySudo(context: ToolContext, alias: string): Promise<Pick<Row, 'sudo' | 'sudoFailure'>> {
  try {
    const { stdout } = await context.hosts.shell(alias, 'id -u', {
      sudo: true,
      signal: context.signal,
      timeoutMs: 15_000,
    });
    return { sudo: stdout.trim() === '0' ? 'works' : 'fails' };
  } catch (error) {
    context.signal.throwIfAborted();
    return { sudo: 'fails', sudoFailure: hostFailure(context, alias, error) };
  }
}

function testText(rows: readonly Row[]): string {
  const good = rows.filter((row) => row.ok).length;
  const head = `${good} of ${rows.length} host${rows.length === 1 ? '' : 's'} ok`;
  const table = textTable(
    ['alias', 'result', 'connect', 'latency', 'sudo', 'system'],
    rows.map((row) => [
      row.alias,
      row.failure?.code ?? row.state,
      row.connectMs === undefined ? '' : `${row.connectMs} ms`,
      row.latencyMs === undefined ? '' : `${row.latencyMs} ms`,
      row.sudo,
      row.facts && factsLine(row.facts),
    ]),
  );
  return [head, table, ...rows.flatMap(details)].join('\n');
}

function details(row: Row): string[] {
  const failures = [row.failure, row.sudoFailure].filter((failure) => failure !== undefined);
  return [
    ...failures.map(({ message, hint }) => `${row.alias}: ${message} ${hint}`),
    ...missingText(row.missing ?? []).map((line) => `${row.alias}: ${line}`),
  ];
}
