import type { ChannelLease, LeaseOptions } from '../links.ts';

export interface Waiter {
  options: LeaseOptions;
  resolve(lease: ChannelLease): void;
  reject(error: unknown): void;
}

export interface WaitingList {
  add(waiter: Waiter, abortError: () => Error): void;
  first(): Waiter | undefined;
  take(waiter: Waiter): void;
  rejectAll(error: unknown): void;
  size(): number;
}

/** Callers who wait for a channel, in order; one whose signal fires leaves by itself. */
export function waitingList(): WaitingList {
  const waiters = new Map<Waiter, () => void>();
  const take = (waiter: Waiter): void => {
    waiters.get(waiter)?.();
    waiters.delete(waiter);
  };
  return {
    add(waiter, abortError) {
      const { signal } = waiter.options;
      const onAbort = (): void => {
        take(waiter);
        waiter.reject(abortError());
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiters.set(waiter, () => signal?.removeEventListener('abort', onAbort));
    },
    first: () => waiters.keys().next().value,
    take,
    rejectAll(error) {
      for (const waiter of [...waiters.keys()]) {
        take(waiter);
        waiter.reject(error);
      }
    },
    size: () => waiters.size,
  };
}
