export { type RunReport, reportText } from './lib/run-report.ts';
export { pipelines } from './server.ts';
