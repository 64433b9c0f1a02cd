declare module 'ssh2/lib/protocol/crypto.js' {
  interface CipherInfo {
    keyLen: number;
    ivLen: number;
  }
  const internals: {
    /** Whether the native cipher binding was loaded (ssh2 falls back to JavaScript silently). */
    bindingAvailable: boolean;
    CIPHER_INFO?: Record<string, CipherInfo | undefined>;
    createCipher?: (config: object) => object;
    createDecipher?: (config: object) => object;
  };
  export = internals;
}
