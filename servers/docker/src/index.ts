export { docker } from './server.ts';
