export {
  auditProbe,
  type DiagnosticsDeps,
  dataFolderProbe,
  diagnosticsTools,
  type Finding,
  factProbe,
  type Probe,
  poolProbe,
  queueProbe,
  stateFileProbe,
} from './diagnostics/index.ts';
export { type HostToolsDeps, hostTools } from './hosts/index.ts';
export {
  type Asking,
  type RunSubject,
  type RunsElsewhere,
  type RunToolsDeps,
  runTools,
} from './runs/index.ts';
