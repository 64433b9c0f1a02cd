import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import { Finding, type Probe } from './finding.ts';
import { runProbes } from './run-probes.ts';

const PROBE_MS = 10_000;
const RANK = { fail: 0, warn: 1, ok: 2 };

export interface SystemDiagnosticsDeps {
  probes: () => readonly Probe[];
  probeMs?: number;
}

export function systemDiagnostics({ probes, probeMs = PROBE_MS }: SystemDiagnosticsDeps): AnyTool {
  return defineTool({
    name: 'system_diagnostics',
    title: 'Is Flotilla itself well?',
    description:
      'Checks versions, the data folder, the state file, the run queue, SSH connections, mounted servers and limits: each ok, warn or fail with what to do. ' +
      'For one managed host use server_test.',
    effect: 'read',
    openWorld: false,
    input: z.object({ verbose: z.boolean().default(false).describe('Also the facts behind each line') }),
    output: z.object({
      status: z.enum(['ok', 'warn', 'fail']).describe('The worst of all findings'),
      findings: z.array(Finding),
    }),
    run: async (_context, { verbose }) => {
      const all = await runProbes(probes(), probeMs);
      const findings = all
        .sort((a, b) => RANK[a.status] - RANK[b.status])
        .map(({ facts, ...finding }) => ({ ...finding, ...(verbose && facts && { facts }) }));
      return { status: findings[0]?.status ?? 'ok', findings };
    },
    text: ({ status, findings }, { verbose }) => {
      const bad = findings.filter((finding) => finding.status !== 'ok');
      const head =
        status === 'ok'
          ? `All ${findings.length} checks are ok.`
          : `${bad.length} of ${findings.length} checks need attention.`;
      const details = bad.map(
        (one) =>
          `${one.status.toUpperCase()} ${one.area}: ${one.finding}${one.remedy ? `\n  → ${one.remedy}` : ''}`,
      );
      const ok = findings.filter((finding) => finding.status === 'ok').map((one) => [one.area, one.finding]);
      const facts = verbose
        ? findings.filter((one) => one.facts).map((one) => `${one.area}: ${JSON.stringify(one.facts)}`)
        : [];
      return [head, ...details, ...(ok.length > 0 ? [textTable(['ok', ''], ok)] : []), ...facts].join('\n');
    },
  });
}
