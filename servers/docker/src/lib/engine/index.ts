export type { Engine } from './engine.ts';
export { engines, withEngine } from './engines.ts';
export { createDemuxer, demux, type Frame } from './frames.ts';
export type { EngineAnswer, EngineCall } from './http-call.ts';
