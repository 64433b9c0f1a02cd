export interface Pause {
  /** Lasts `ms`, or until `end`, or until the signal; also when `end` was called before. */
  last(ms: number): Promise<void>;
  end(): void;
}

/** A pause that can be cut short by what happens meanwhile. */
export function createPause(signal: AbortSignal): Pause {
  let ended = false;
  let wake: (() => void) | undefined;
  const end = (): void => {
    ended = true;
    wake?.();
  };
  signal.addEventListener('abort', end, { once: true });
  return {
    end,
    last: (ms) =>
      new Promise((resolve) => {
        if (ended || signal.aborted) {
          ended = false;
          resolve();
          return;
        }
        const timer = setTimeout(() => wake?.(), ms);
        wake = () => {
          clearTimeout(timer);
          wake = undefined;
          ended = false;
          resolve();
        };
      }),
  };
}
