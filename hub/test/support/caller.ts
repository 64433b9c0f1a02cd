import {
  type Audit,
  type Caller,
  createCaller,
  createRedactor,
  type Gate,
  type Hosts,
  type Runs,
  silentLogger,
} from '@flotilla/core';

const noHosts = (): never => {
  throw new Error('no host in this test');
};
const HOSTS: Hosts = {
  resolve: noHosts,
  shell: noHosts,
  files: noHosts,
  transfer: noHosts,
} as unknown as Hosts;

/** Core's caller for tools that touch no host. */
export function plainCaller(options: { gate?: Gate; audit: Audit; runs?: Runs; dataDir?: string }): Caller {
  return createCaller({
    gate: options.gate ?? (() => undefined),
    audit: options.audit,
    redactor: createRedactor(),
    log: silentLogger,
    ...(options.runs && { runs: options.runs }),
    syncWaitMs: 300,
    context: ({ principal, signal, progress, log }) => ({
      principal,
      signal,
      progress,
      log,
      hosts: HOSTS,
      use: (service) => Promise.reject(new Error(`no service ${service.name} here`)),
      settings: {
        commandTimeoutMs: 1_000,
        interactiveTimeoutMs: 1_000,
        maxWaitMs: 1_000,
        localRoots: [],
        dataDir: options.dataDir ?? '/nonexistent',
        readonly: false,
      },
    }),
  });
}
