/** What a hub needs that answers workers. */
export { type Desk, type DeskOptions, workerDesk } from './desk/desk.ts';
export type { HostSource } from './desk/host-lease.ts';
export { workerRoute } from './desk/route.ts';
export type { WorkerSettings } from './protocol/messages.ts';
