/** What a process sees of the queue in Redis. */
export interface QueueSeen {
  ok: boolean;
  detail: string;
  identity?: string | undefined;
}

/** The same of the hub, whose queue may be in its own state file. */
export interface HubQueueSeen extends QueueSeen {
  name: string;
}

/** Why a worker that sees this queue takes no runs of a hub that sees that one; undefined when it does. */
export function queueTrouble(worker: QueueSeen, hub: HubQueueSeen): string | undefined {
  if (!worker.ok) return `it does not reach the queue: ${worker.detail}`;
  if (hub.name === 'embedded') return 'it looks for runs in a Redis, and the hub uses none';
  if (!hub.ok || worker.identity === undefined || hub.identity === undefined) return undefined;
  if (worker.identity === hub.identity) return undefined;
  return 'it looks for runs in another Redis, or another database of it, than the hub';
}
