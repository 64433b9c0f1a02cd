/** What a worker needs. */
export type { WorkerSettings } from './protocol/messages.ts';
export { type HubClient, hubClient } from './worker/hub-client.ts';
export { LeasedHosts } from './worker/leased-hosts.ts';
export { stayPresent } from './worker/presence-loop.ts';
export { leaseKey, RemoteLedger } from './worker/remote-ledger.ts';
export { remoteOutputs } from './worker/remote-output.ts';
export { sayHello, type WorkerIdentity } from './worker/say-hello.ts';
