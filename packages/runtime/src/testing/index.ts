export { type OpenServer, openServer, textOf } from './open-server.ts';
