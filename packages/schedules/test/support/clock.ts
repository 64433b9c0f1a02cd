import { afterEach, vi } from 'vitest';

/** The clock on the wall of this process, which tests put forward and back; what measures time goes on as it is. */
export function wallClock(): { put(ms: number): void } {
  const real = Date.now.bind(Date);
  let offset = 0;
  afterEach(() => {
    offset = 0;
    vi.restoreAllMocks();
  });
  return {
    put(ms) {
      offset += ms;
      vi.spyOn(Date, 'now').mockImplementation(() => real() + offset);
    },
  };
}
