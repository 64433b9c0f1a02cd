import type { AnyTool } from '@flotilla/core';
import type { HostLinks } from '@flotilla/ssh';
import { type AuditSearchDeps, auditSearch } from './audit-search.ts';
import { poolStats } from './pool-stats.ts';
import { type SystemDiagnosticsDeps, systemDiagnostics } from './system-diagnostics.ts';
import { type TaskLogsDeps, taskLogs } from './task-logs.ts';

export { auditProbe } from './audit-probe.ts';
export { dataFolderProbe } from './data-folder-probe.ts';
export { factProbe } from './fact-probe.ts';
export type { Finding, Probe } from './finding.ts';
export { poolProbe } from './pool-probe.ts';
export { queueProbe } from './queue-probe.ts';
export { stateFileProbe } from './state-file-probe.ts';

export interface DiagnosticsDeps extends SystemDiagnosticsDeps, TaskLogsDeps, AuditSearchDeps {
  links: Pick<HostLinks, 'stats'>;
}

/** The tools that look at Flotilla itself. */
export function diagnosticsTools(deps: DiagnosticsDeps): AnyTool[] {
  return [taskLogs(deps), poolStats(deps.links), systemDiagnostics(deps), auditSearch(deps)];
}
