export { httpToken } from './http-token.ts';
export { type Identity, localPrincipal, readIdentity } from './identity.ts';
export { type Environment, openProcess, type ProcessBase } from './open-process.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
export { type ProcessInput, serve } from './serve.ts';
export { serveTransport, type TransportChoice } from './serve-transport.ts';
export type { Services } from './services.ts';
export { untilStopped } from './until-stopped.ts';
export { VERSION } from './version.ts';
