export { monitoring } from './server.ts';
