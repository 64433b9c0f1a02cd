/** Resolves at the first SIGINT, SIGTERM or SIGHUP, or when `other` does. A second signal ends the process at once. */
export function untilStopped(other: Promise<unknown> = new Promise(() => {})): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
    other.then(
      () => resolve(),
      () => resolve(),
    );
  });
}
