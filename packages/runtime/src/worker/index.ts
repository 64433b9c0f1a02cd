import type { HubSide, HubSideParts } from './hub-side.ts';
import type { RunWorkerOptions } from './run-worker.ts';

/** Loaded only where workers are: most processes have none. */
export async function openHubSide(parts: HubSideParts): Promise<HubSide> {
  const { hubSide } = await import('./hub-side.ts');
  return hubSide(parts);
}

/** Works for a hub until a signal arrives. */
export async function startWorker(options: RunWorkerOptions): Promise<void> {
  const { runWorker } = await import('./run-worker.ts');
  await runWorker(options);
}
