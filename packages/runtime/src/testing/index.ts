export { type OpenServer, openServer, type ServedHost, textOf } from './open-server.ts';
export { type ServerOnHost, serverOnHost } from './server-on-host.ts';
