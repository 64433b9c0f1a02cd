import type { FlotillaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { KnownTool, ToolCalls } from '../ports/calls.ts';
import type { AuditReader } from '../ports/gate.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Cipher } from '../ports/secrets.ts';
import type { StateFile } from '../ports/state.ts';
import type { Principal } from '../principal.ts';
import type { SecretRedactor } from '../text/redact.ts';
import type { ToolSettings } from './context.ts';

/** What the services and the background work of a server may use; the same for every server. */
export interface ServiceHost {
  hosts: Hosts;
  settings: ToolSettings;
  log: Logger;
  /** With the tables that the server named in `schema`. */
  state: StateFile;
  /** For secrets of a server's own rows: only sealed text is ever stored. */
  cipher: Cipher;
  /** `add` secret values before the first of them can be shown. */
  redactor: SecretRedactor;
  audit: AuditReader;
  /**
   * A secret that a person stored in the vault, masked from then on. Only for work that a person defined: a caller must not
   * choose the name. NOT_FOUND.
   */
  namedSecret(name: string): string;
  /**
   * Why the policy of the config forbids a command that nobody calls at this moment: DENIED. Asked before each run of a
   * command that was accepted earlier.
   */
  refusesCommand(command: string): FlotillaError | undefined;
  /** `servers.<name>` of the config, as the server's `config` schema returned it; `{}` when it has none. */
  config: Readonly<Record<string, unknown>>;
  /** The tools of every server that this process offers, its own included. */
  calls: ToolCalls;
  /** Why a call that is to be made later would be refused now: INVALID_INPUT is thrown, DENIED and the like returned. */
  refusesCall(
    tool: KnownTool,
    args: Record<string, unknown>,
    principal: Principal,
  ): FlotillaError | undefined;
  /** This process serves over HTTP: for long, whether or not a client is there. */
  longLived?: boolean;
  use<T>(service: Service<T>): Promise<T>;
}

/** Something that the tools of a server share within a process: opened when first used, closed with the process. */
export interface Service<T> {
  /** Unique within its server. */
  name: string;
  /** When it throws, the next `use` tries again. */
  open(host: ServiceHost): T | Promise<T>;
  close?(opened: T): void | Promise<void>;
}

/** Identity, for the types. */
export function defineService<T>(service: Service<T>): Service<T> {
  return service;
}

/**
 * Work that goes on while a process serves, in one process of a data folder at a time; when that process dies
 * another one takes over within seconds. `run` returns when `signal` is aborted; when it throws or returns early it
 * is started again after a pause. What it writes must bear being written twice: a frozen process may wake up late.
 */
export interface BackgroundWork {
  /** Unique within its server. */
  name: string;
  /** Asked once per process before it competes for the work; default: yes. */
  wanted?(host: ServiceHost): boolean;
  run(host: ServiceHost, signal: AbortSignal): Promise<void>;
}

/** A page that a server adds to the HTTP front door, behind the same token. Methods that it lacks are 405. */
export interface HttpPage {
  /** E.g. `/metrics`. */
  path: string;
  /** GET. */
  render?(host: ServiceHost): Promise<PageAnswer>;
  /** POST of JSON, e.g. for webhooks of others. INVALID_INPUT becomes 400. */
  receive?(host: ServiceHost, body: unknown): Promise<PageAnswer>;
  /** Of what is received; default 1 MiB, 413 beyond. */
  maxBodyBytes?: number;
}

/**
 * A path of the HTTP front door that checks by itself who calls, for senders that cannot have a token of Flotilla. DENIED
 * becomes 401, NOT_FOUND 404, INVALID_INPUT 400; of a failure only code and message are told.
 */
export interface HttpHook {
  /** Everything under it, e.g. `/hooks/`. POST. */
  path: string;
  receive(host: ServiceHost, request: HookRequest): Promise<HookAnswer>;
  /** Default 1 MiB, 413 beyond. */
  maxBodyBytes?: number;
}

export interface HookRequest {
  /** What follows `path`, as it was sent. */
  rest: string;
  /** By their names in small letters. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface HookAnswer extends PageAnswer {
  /** Default 200. */
  status?: number;
}

export interface PageAnswer {
  /** Media type. */
  type: string;
  body: string;
}
