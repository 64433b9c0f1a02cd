export { pipelines } from './server.ts';
