export { httpToken } from './http-token.ts';
export * from './process.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
export { type ProcessInput, serve } from './serve.ts';
export { serveTransport, type TransportChoice } from './serve-transport.ts';
export type { Services } from './services.ts';
export { knownTool } from './tool-calls.ts';
export { fillInMounts, withHttpTokens } from './vault-references.ts';
