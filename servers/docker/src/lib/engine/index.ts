export type { Engine } from './engine.ts';
export { withEngine } from './engines.ts';
export { createDemuxer, type Frame } from './frames.ts';
