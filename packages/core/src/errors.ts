/**
 * The closed error table: every failure a client can see has one of these codes.
 * `retryable` says whether the same call may succeed later without anything being changed.
 */
export const ERROR_TABLE = {
  CONNECTION_FAILED: {
    retryable: true,
    hint: 'Check that the host is up and its address and port are right: server_test.',
  },
  AUTH_FAILED: {
    retryable: false,
    hint: 'Check user, key and password of the host, then register it again with server_add.',
  },
  HOST_KEY_MISMATCH: {
    retryable: false,
    hint: 'The host key changed. If the host was reinstalled, a person confirms it with: flotilla host trust ALIAS.',
  },
  COMMAND_TIMEOUT: {
    retryable: false,
    hint: 'Raise timeout (seconds; 0 = none) or look at the output so far: task_output.',
  },
  TRANSFER_FAILED: {
    retryable: true,
    hint: 'Nothing was left half-written. Read the cause, then start it again: it resumes.',
  },
  TIMEOUT: { retryable: true, hint: 'Try again, or raise the timeout.' },
  QUEUE_FULL: {
    retryable: true,
    hint: 'Too many open runs. See task_queue; wait, cancel some, or raise MAX_QUEUE_SIZE.',
  },
  RETRY_LIMIT_EXCEEDED: {
    retryable: false,
    hint: 'Every attempt failed. Read the last cause before starting it again.',
  },
  NOT_FOUND: { retryable: false, hint: 'Check the name.' },
  ALREADY_EXISTS: { retryable: false, hint: 'Choose another name, or change the existing one.' },
  CONFLICT: { retryable: false, hint: 'Its state changed meanwhile. Look at it again, then decide.' },
  INVALID_INPUT: { retryable: false, hint: 'Correct the argument and call again.' },
  DENIED: {
    retryable: false,
    hint: 'Only a person can allow this, in the config file or with the flotilla CLI.',
  },
  APPROVAL_REQUIRED: { retryable: false, hint: 'A person has to approve this first.' },
  RATE_LIMITED: { retryable: true, hint: 'Slow down and try again.' },
  CANCELLED: { retryable: false, hint: 'It was cancelled. Start it again if that was not intended.' },
  INTERRUPTED: {
    retryable: false,
    hint: 'Whether it took effect is not known. Look at the host, then: flotilla task resolve ID.',
  },
  STORAGE_FULL: { retryable: true, hint: 'Free disk space in the data folder, then try again.' },
  SERVER_UNAVAILABLE: {
    retryable: true,
    hint: 'The server behind this tool is not answering. See system_diagnostics.',
  },
  UNSUPPORTED: {
    retryable: false,
    hint: 'This host or client lacks what it needs. server_test says what is missing.',
  },
  INTERNAL: { retryable: false, hint: 'This is a defect of Flotilla. The log has the details: task_logs.' },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;
export const ERROR_CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

/** JSON-safe facts about a failure: what, where, which values. Never a secret. */
export type ErrorDetails = Record<string, unknown>;

/** What a client sees of a failure, under the reserved top-level key `error: true`. */
export interface Failure {
  error: true;
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  hint: string;
  /** ISO 8601 with zone. */
  timestamp: string;
}

/**
 * The one error type that handlers throw. `message` holds trusted words only; text from a
 * remote host goes into `details` (key `remote`).
 */
export class FlotillaError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FlotillaError';
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint ?? ERROR_TABLE[code].hint;
  }

  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable;
  }
}

/** Tells a FlotillaError by its shape, so that it works across bundles and threads. */
export function isFlotillaError(error: unknown): error is FlotillaError {
  return (
    error instanceof Error &&
    error.name === 'FlotillaError' &&
    'code' in error &&
    String(error.code) in ERROR_TABLE
  );
}
