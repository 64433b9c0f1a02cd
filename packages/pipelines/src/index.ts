export { parsePipeline } from './definition/parse.ts';
export type { Problem } from './definition/problem.ts';
export type { Pipeline } from './definition/schema.ts';
export { type RunReport, reportText } from './lib/run-report.ts';
export { pipelines } from './server.ts';
export { type StepLine, stepLines } from './view/step-lines.ts';
