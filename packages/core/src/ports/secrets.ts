/** Encrypts single values for storage (AES-256-GCM under the data folder's master key). */
export interface Cipher {
  seal(plain: string): string;
  /** Throws INTERNAL when the value was not sealed by this key. */
  open(sealed: string): string;
}

/** Masks known secret values in text. Exact values of 6 characters and more, their base64 and URL forms. */
export interface Redactor {
  text(text: string): string;
  /** Deep copy of a JSON value with every string masked. */
  value<T>(value: T): T;
  /** A masker for a stream: holds back what could be the beginning of a secret until it is decided. */
  stream(): { push(chunk: string): string; end(): string };
}
