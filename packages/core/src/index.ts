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
export { type FanOutOptions, forEachHost, type HostOutcome } from './fan-out.ts';
export { HostAlias, HostTarget } from './host-alias.ts';
export { HUB_CALL_META, HUB_SECRET_ENV, type HubCall, signHubCall, verifyHubCall } from './hub-call.ts';
export { type LogEntry, type LogQuery, LogRing } from './log-ring.ts';
export { createLogger, type Logger, type LogOptions, silentLogger } from './logging.ts';
export type * from './ports/calls.ts';
export type * from './ports/commands.ts';
export type * from './ports/directory.ts';
export type * from './ports/gate.ts';
export type * from './ports/hosts.ts';
export * from './ports/runs.ts';
export type * from './ports/secrets.ts';
export type * from './ports/state.ts';
export type * from './ports/steps.ts';
export type * from './ports/transfer.ts';
export type { Principal } from './principal.ts';
export { isSecret, secret } from './secret.ts';
export { type CappedText, capList, capText } from './text/cap.ts';
export { listed, nearest } from './text/nearest.ts';
export { createRedactor, type SecretRedactor } from './text/redact.ts';
export { unifiedDiff } from './text/unified-diff.ts';
export { formatBytes, formatDuration } from './text/units.ts';
export { fenceRemote, visibleControls } from './text/visible.ts';
export type { ContentBlock, PublishedTool, ToolAnswer } from './tool/answer.ts';
export {
  type AdmittedCall,
  type Caller,
  type CallerOptions,
  type ContextBase,
  createCaller,
  type Elsewhere,
} from './tool/caller.ts';
export { type CompiledTool, compileServer, compileTool } from './tool/compile.ts';
export type { JobContext, ToolContext, ToolSettings } from './tool/context.ts';
export { defineServer, type ServerDefinition } from './tool/define-server.ts';
export {
  type AnyTool,
  defineTool,
  type InlineTool,
  type JobSettings,
  type JobTool,
  type ToolImage,
} from './tool/define-tool.ts';
export { createDirectCaller, type DirectCaller } from './tool/direct-call.ts';
export { eachHost, rowsText, targetText } from './tool/each-host.ts';
export { createEndpoint, type EndpointOptions } from './tool/endpoint-of.ts';
export { answerForFailure, failureOf, failureText, toFlotillaError } from './tool/failure-answer.ts';
export { type HandlerResult, runHandler } from './tool/handler.ts';
export {
  anyHostFailed,
  type FailedHostRow,
  failedHostText,
  fanOutArguments,
  type HostRow,
  hostRowSchema,
  hostRows,
  idempotencyKeyArgument,
} from './tool/host-rows.ts';
export { parseInput } from './tool/input.ts';
export { preparePublished } from './tool/prepared.ts';
export { progressOfRun } from './tool/progress.ts';
export {
  answerForRun,
  nextForRun,
  outputAnswer,
  type RunHandle,
  runFailure,
  runHandle,
  runHandleText,
} from './tool/run-answer.ts';
export { hideSecrets } from './tool/secret-paths.ts';
export {
  type BackgroundWork,
  defineService,
  type HookAnswer,
  type HookRequest,
  type HttpHook,
  type HttpPage,
  type PageAnswer,
  type Service,
  type ServiceHost,
} from './tool/service.ts';
export { type AnswerLimits, DEFAULT_LIMITS, type Shaping } from './tool/shape.ts';
export { aliasesOf } from './tool/targets.ts';
