/** One shell command as it is to run on one host. */
export interface CommandSpec {
  /** Shell text, as for `sh -c`. */
  command: string;
  cwd?: string;
  env?: Record<string, string>;
  /** Becomes the command's standard input; otherwise it is empty. */
  stdin?: string | Uint8Array;
  /** Runs under sudo as root, by the rules of the host's `sudo` setting. */
  sudo?: boolean;
  /** Program that reads the command as a script from a file descriptor instead of `sh`, e.g. `bash` or `python3 -u`. */
  interpreter?: string;
  /** 0 or absent: no limit. The clock stops while a question waits for a person. */
  timeoutMs?: number;
  /** The command holds a secret: its text must not be kept on the host. */
  secret?: boolean;
  /** Runs on a terminal and answers prompts. */
  pty?: PtySpec;
}

export interface PtySpec {
  /** Answer well-known package-manager prompts. */
  autoRespond: boolean;
  /** Prompt text or `/regex/` → answer, tried before the built-in ones. */
  responses: Record<string, string>;
  columns?: number;
  rows?: number;
}

export type StreamName = 'stdout' | 'stderr';

/** How a command ended. Exactly one of `exitCode` and `signal` is set, unless it timed out or was cancelled. */
export interface CommandOutcome {
  exitCode: number | null;
  /** Name without SIG, e.g. `KILL`. */
  signal: string | null;
  timedOut: boolean;
  cancelled: boolean;
  /** Bytes the command wrote, and how many of them the host dropped over its cap. */
  stdoutBytes: number;
  stderrBytes: number;
  droppedBytes: number;
  durationMs: number;
  /** Said when something could not be guaranteed, e.g. "bound to the connection: no script(1) on the host". */
  notes?: string[];
}

export interface Question {
  /** Last lines of the terminal, control characters removed; text of a remote host, never trusted. */
  prompt: string;
  /** The terminal does not echo: a secret is asked for. */
  secret: boolean;
  /** Grows with every question of a command, so that an answer cannot reach a later one. */
  number: number;
  /** A person is asked to allow what comes next, with yes or no. */
  approval?: { digest: string /** UTC epoch milliseconds. */; expiresAt: number };
}

/** What is known of a detached command when it is asked for. */
export type CommandState =
  | { state: 'absent' }
  | { state: 'running'; stdoutBytes: number; stderrBytes: number; question?: Question }
  | { state: 'ended'; outcome: CommandOutcome }
  | { state: 'lost'; reason: 'rebooted' | 'supervisor_gone' | 'never_started' | 'connection_bound' }
  | { state: 'refused'; reason: 'cancelled_before_start' | 'already_removed' };

export interface CommandEvents {
  /** Output in order per stream; `offset` is the position of the chunk's first byte in that stream. */
  onOutput?(stream: StreamName, offset: number, chunk: Uint8Array): void;
  /** The host has confirmed that the command was started (it will never be started again). */
  onStarted?(): void;
  onQuestion?(question: Question | undefined): void;
}

export interface AttachOptions extends CommandEvents {
  /** Bytes of each stream that the caller has already. */
  from?: Record<StreamName, number>;
  /** The terminal's rules for answering prompts, for a command that was started with them. */
  pty?: PtySpec;
  /** Ends the following, not the command. */
  signal?: AbortSignal;
}

/**
 * Detached commands on hosts: they outlive the connection and this process. `id` is
 * `<runUlid>-<stepKey>-<aliasHash>-<attempt>`, characters [A-Za-z0-9_-], at most 120.
 * Every method throws FlotillaError CONNECTION_FAILED, AUTH_FAILED or HOST_KEY_MISMATCH when the host cannot be reached.
 */
export interface CommandRunner {
  /** Starts the command unless a command of this id was ever started there; follows it to its end either way. */
  start(alias: string, id: string, spec: CommandSpec, options: AttachOptions): Promise<CommandState>;
  /** Follows a command that was started before; never starts one. Resolves at once when it is absent, lost or refused. */
  attach(alias: string, id: string, options: AttachOptions): Promise<CommandState>;
  status(alias: string, id: string): Promise<CommandState>;
  /** TERM, grace, KILL to everything the command started; leaves a tombstone if it has not started. */
  cancel(
    alias: string,
    id: string,
    options?: { graceMs?: number; reason?: 'cancelled' | 'timeout' },
  ): Promise<CancelResult>;
  /** Writes a line to the terminal of a waiting command. CONFLICT when that question is no longer asked. */
  answer(alias: string, id: string, questionNumber: number, text: string): Promise<void>;
  /** Removes the remote files of ended commands, leaving a tombstone each. */
  forget(alias: string, ids: readonly string[]): Promise<void>;
}

export interface CancelResult {
  state: 'stopped' | 'had_ended' | 'not_started' | 'survivors';
  /** Process ids that could not be stopped. */
  survivors?: number[];
}
