declare module 'ssh2/lib/protocol/crypto.js' {
  /** Whether the native cipher binding was loaded (ssh2 falls back to JavaScript silently). */
  const internals: { bindingAvailable: boolean };
  export = internals;
}
