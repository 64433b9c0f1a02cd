import { fenceRemote, formatDuration } from '@flotilla/core';
import { z } from 'zod';

export const GateReport = z.object({
  verdict: z.enum(['ready', 'waiting', 'failed']).describe('waiting: not ready when the time was over'),
  waitedMs: z.number(),
  containers: z.array(
    z.object({
      container: z.string(),
      verdict: z.enum(['ready', 'waiting', 'failed']),
      reason: z.string(),
      remote: z.string().optional().describe('Last output of its health check'),
    }),
  ),
});
export type GateReport = z.infer<typeof GateReport>;

export const RollbackReport = z.object({
  restored: z.array(z.string()).describe('Containers that run again as before'),
  removed: z.array(z.string()).describe('Containers of the failed change'),
  problems: z.array(z.object({ what: z.string(), remote: z.string().optional() })),
});
export type RollbackReport = z.infer<typeof RollbackReport>;

/** How a change with a health gate ended; part of the output of every tool that makes one. */
export const changeShape = {
  outcome: z.enum(['applied', 'unchanged', 'rolled_back', 'rollback_failed']),
  reason: z.string().optional().describe('Why it was rolled back'),
  remote: z.string().optional().describe('What the host said'),
  gate: GateReport.optional(),
  rollback: RollbackReport.optional(),
};
const ChangeReport = z.object(changeShape);
export type ChangeReport = z.infer<typeof ChangeReport>;

/** For `isError`. */
export const changeFailed = (output: { outcome?: ChangeReport['outcome'] | undefined }): boolean =>
  output.outcome === 'rolled_back' || output.outcome === 'rollback_failed';

/** The finding first, then what each container did. */
export function changeText(report: ChangeReport): string {
  const { reason, remote, gate, rollback } = report;
  const lines: string[] = [];
  if (report.outcome === 'rolled_back') lines.push(`ROLLED BACK: ${reason}. What ran before runs again.`);
  if (report.outcome === 'rollback_failed')
    lines.push(`FAILED AND NOT FULLY ROLLED BACK: ${reason}. Look at it now.`);
  if (gate) lines.push(gateText(gate));
  if (rollback) {
    if (rollback.removed.length > 0) lines.push(`Removed: ${rollback.removed.join(', ')}`);
    if (rollback.restored.length > 0) lines.push(`Restored: ${rollback.restored.join(', ')}`);
    for (const { what, remote: said } of rollback.problems)
      lines.push(`PROBLEM: ${what}${said ? `\n${fenceRemote(said, 'engine')}` : ''}`);
  }
  if (remote) lines.push(fenceRemote(remote, 'host'));
  return lines.join('\n');
}

/** The verdict, then each container, the worst as they come. */
export function gateText({ verdict, waitedMs, containers }: GateReport): string {
  const word = verdict === 'waiting' ? 'not ready in time' : verdict;
  const lines = [`Health gate: ${word} after ${formatDuration(waitedMs)}`];
  for (const one of containers.slice(0, 60)) {
    lines.push(`  ${one.container}: ${one.verdict}, ${one.reason}`);
    if (one.remote !== undefined && one.verdict !== 'ready')
      lines.push(fenceRemote(one.remote.slice(-1000), 'health check'));
  }
  return lines.join('\n');
}
