export { serverTemplate } from './server.ts';
