import type { HttpToken } from '../http-token.ts';
import type { AnswerLimits } from '../tool/shape.ts';

interface MountBase {
  name: string;
  disabled: boolean;
  timeoutMs?: number;
}

/** A server in the hub: built in, a child process on stdio, or one that runs elsewhere. */
export type Mount =
  | (MountBase & { kind: 'builtin'; builtin: string })
  | (MountBase & {
      kind: 'command';
      command: string;
      args: readonly string[];
      env: Readonly<Record<string, string>>;
      cwd?: string;
    })
  | (MountBase & { kind: 'url'; url: string; headers: Readonly<Record<string, string>> })
  /** One of our servers whose runs are taken by workers; with a `url` they carry out its other calls too. */
  | (MountBase & { kind: 'worker'; url?: string; headers: Readonly<Record<string, string>> });

export interface ClientRule {
  allow?: readonly string[];
  deny?: readonly string[];
}

/** Everything that is configured, with defaults. Never changes after the start. */
export interface FlotillaConfig {
  /** Absolute. */
  readonly dataDir: string;
  /** Absolute; the file may be absent. */
  readonly configFile: string;
  readonly logLevel: string;
  readonly compact: boolean;
  /** Key material that replaces the key file of the data folder. */
  readonly masterKey?: string;
  /** Undefined: not configured, the composition root mounts every built-in server. */
  readonly mounts: readonly Mount[] | undefined;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** FLOTILLA_HTTP_TOKEN. */
    readonly token?: string;
    readonly tokens: readonly HttpToken[];
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
    readonly sessionIdleMs: number;
  };
  readonly policy: {
    readonly readonly: boolean;
    readonly denyTools: readonly string[];
    /** Sources of regular expressions. */
    readonly commandDeny: readonly string[];
  };
  /** Absolute folders. */
  readonly localRoots: readonly string[];
  readonly ssh: {
    readonly maxConnections: number;
    readonly minConnections: number;
    readonly idleTimeoutMs: number;
    readonly keepAliveMs: number;
  };
  readonly jobs: {
    readonly syncWaitMs: number;
    readonly commandTimeoutMs: number;
    readonly interactiveTimeoutMs: number;
    /** Longest wait of one call. */
    readonly maxWaitMs: number;
    readonly maxOpenRuns: number;
    /** Where tickets are queued; absent: in the state file. The URL is without the password. */
    readonly redis?: { readonly url: string; readonly password?: string } | undefined;
  };
  readonly workers: {
    /** Of the hub: folder of files, each named after a lane and holding the token of its workers. Absolute. */
    readonly tokensDir?: string;
    /** Of a worker: where its hub is. */
    readonly hubUrl?: string;
    readonly token?: string;
    /** Absolute. */
    readonly tokenFile?: string;
    readonly labels: readonly string[];
    /** How long runs may take to end when a worker is told to stop. */
    readonly drainMs: number;
  };
  readonly limits: Readonly<AnswerLimits> & {
    readonly historyMs: number;
    readonly historyRuns: number;
    readonly outputMs: number;
    readonly outputBytes: number;
    readonly auditMs: number;
    /** Of an HTTP request. */
    readonly maxBodyBytes: number;
  };
  readonly clients: Readonly<Record<string, ClientRule>>;
  /** Settings of single servers, as written; each server checks its own. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
