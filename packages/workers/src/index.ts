// Light: every process of a data folder loads it.
export { type CallLeases, callLeases } from './desk/call-leases.ts';
export { errandRunner } from './desk/errand-runner.ts';
export { type Errands, errands } from './desk/errands.ts';
export { type Presence, presence, type SeenWorker } from './desk/presence.ts';
export { queueName, queuesOf, type Reach, type ReachedHost, reachOf } from './desk/reach.ts';
export { routedDriver } from './desk/routed-driver.ts';
export { workersSchema } from './desk/schema.ts';
export { type WorkerGrant, type WorkerToken, type WorkerTokens, workerTokens } from './desk/tokens.ts';
