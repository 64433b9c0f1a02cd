import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Resolves, when `ready` does, with what tells the work that was started by `start` alone that a signal has arrived:
 * others in this process listen for signals too. One is started after the other.
 */
export async function ownSignals(start: () => void, ready: Promise<unknown>): Promise<() => void> {
  const others = new Set(process.listeners('SIGTERM'));
  start();
  await ready;
  await nextTurn();
  const own = process.listeners('SIGTERM').filter((listener) => !others.has(listener));
  return () => {
    for (const listener of own.splice(0)) {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, listener);
      listener('SIGTERM');
    }
  };
}
