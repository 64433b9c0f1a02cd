export { parsePipeline } from './definition/parse.ts';
export type { Pipeline } from './definition/schema.ts';
export { type StepLine, stepLines } from './view/step-lines.ts';
