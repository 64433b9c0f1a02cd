// What a process needs before it opens anything: imports nothing of SSH, SQLite or tools.
export { type Identity, localPrincipal, readIdentity } from './identity.ts';
export { type Environment, openProcess, type ProcessBase } from './open-process.ts';
export { untilStopped } from './until-stopped.ts';
export { VERSION } from './version.ts';
