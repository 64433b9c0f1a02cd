// Light: every process of a data folder loads it.
export { type CallLeases, callLeases } from './desk/call-leases.ts';
export { type Presence, presence, type SeenWorker } from './desk/presence.ts';
export { workersSchema } from './desk/schema.ts';
export { type WorkerGrant, type WorkerToken, type WorkerTokens, workerTokens } from './desk/tokens.ts';
