export { type Effect, type EffectOf, effectOf, maxEffect } from './effects.ts';
export type { IncomingCall, ToolEndpoint } from './endpoint.ts';
export {
  ERROR_CODES,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorDetails,
  type Failure,
  FlotillaError,
  isFlotillaError,
} from './errors.ts';
export { HostAlias, HostTarget } from './host-alias.ts';
export { createLogger, type Logger, type LogOptions, silentLogger } from './logging.ts';
export type * from './ports/commands.ts';
export type * from './ports/directory.ts';
export type * from './ports/gate.ts';
export type * from './ports/hosts.ts';
export * from './ports/runs.ts';
export type * from './ports/secrets.ts';
export type * from './ports/steps.ts';
export type { Principal } from './principal.ts';
export { isSecret, secret } from './secret.ts';
export type { ContentBlock, PublishedTool, ToolAnswer } from './tool/answer.ts';
export type { JobContext, ToolContext, ToolSettings } from './tool/context.ts';
export { defineServer, type ServerDefinition } from './tool/define-server.ts';
export {
  type AnyTool,
  defineTool,
  type InlineTool,
  type JobSettings,
  type JobTool,
} from './tool/define-tool.ts';
