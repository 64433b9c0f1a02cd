import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@flotilla/core';
import type { BackendState } from '../backend.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { Connection, ConnectOptions } from './connection.ts';
import { describeFailure, unavailable } from './failures.ts';
import { ListKeeper } from './list-keeper.ts';
import type { ToolList } from './tool-list.ts';

export interface SupervisorTiming {
  /** For reading the whole tool list. */
  listMs: number;
  /** How often a quiet server is asked whether it lives, and how long it may take to say so. */
  heartbeatMs: number;
  hangMs: number;
  backoff: Backoff;
  /** A connection that lasted this long starts the backoff anew. */
  stableMs: number;
  /** A call ends the backoff early, but not sooner than this after the last attempt. */
  restMs: number;
}

export interface SupervisorOptions {
  mount: string;
  log: Logger;
  timing: SupervisorTiming;
  connect: (options: Pick<ConnectOptions, 'signal' | 'onToolsChanged' | 'onTrouble'>) => Promise<Connection>;
  /** Last words of the server, to explain why it is gone. */
  lastWords: () => string;
  onChange: () => void;
}

class Unresponsive extends Error {}

const RETIRE_MS = 10_000;

/** Keeps one connection to a mounted server: makes it, watches it, makes it again, and keeps its tool list fresh. */
export class Supervisor {
  state: BackendState = { status: 'connecting', attempt: 1 };
  /** The first attempt has ended, well or not. */
  readonly settled: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #keeper: ListKeeper;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #connection: Connection | undefined;
  #lost: (error: unknown) => void = () => {};
  #attempt = Promise.withResolvers<void>();
  #attemptEndedAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};
  #expected = false;
  #pinging = false;
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#keeper = new ListKeeper({
      log: options.log,
      limited: () => this.#limited(options.timing.listMs),
      onChange: options.onChange,
    });
    this.settled = this.#attempt.promise;
    this.#done = this.#run();
  }

  /** The last known list; it stays while the server is away. */
  get list(): ToolList {
    return this.#keeper.list;
  }

  /** The live connection; waits for an attempt under way, and cuts a pause short. Throws SERVER_UNAVAILABLE. */
  async connection(signal: AbortSignal): Promise<Connection> {
    if (!this.#connection && this.state.status !== 'closed') {
      if (this.state.status === 'unavailable' && this.#rested()) this.#restart();
      if (this.state.status === 'connecting') await untilAborted(this.#attempt.promise, signal);
    }
    if (this.#connection) return this.#connection;
    const { state } = this;
    const remote = state.status === 'unavailable' ? state.remote : undefined;
    const cause = state.status === 'unavailable' ? state.cause : 'it is being stopped';
    throw unavailable(this.#options.mount, cause, { sent: false, ...(remote !== undefined && { remote }) });
  }

  /** Tells that a connection turned out to be of no use. */
  reportLost(connection: Connection, error: unknown): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#begin(1);
    this.#lost(error);
  }

  /** There is a sign that the server has come up: tries at once, and soon again should it still be starting. */
  expect(): void {
    if (this.state.status === 'ready' || this.state.status === 'closed') return;
    this.#expected = true;
    if (this.state.status === 'unavailable') this.#restart();
  }

  /** Asks the server whether it lives; a call had trouble. */
  check(): void {
    void this.#ping();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    this.#lost(new Error('closed'));
    await this.#done;
    await Promise.allSettled([...this.#retiring]);
  }

  #rested(): boolean {
    return performance.now() - this.#attemptEndedAt >= this.#options.timing.restMs;
  }

  #restart(): void {
    this.#begin(1);
    this.#wake();
  }

  #begin(attempt: number): void {
    if (this.state.status !== 'connecting') this.#attempt = Promise.withResolvers<void>();
    this.#set({ status: 'connecting', attempt });
  }

  #set(state: BackendState): void {
    this.state = state;
    this.#options.onChange();
  }

  async #run(): Promise<void> {
    const { timing, log } = this.#options;
    for (let attempt = 0; !this.#closing.signal.aborted; attempt += 1) {
      this.#begin(attempt + 1);
      const { error, livedMs } = await this.#live();
      this.#attemptEndedAt = performance.now();
      if (this.#closing.signal.aborted) break;
      if (livedMs >= timing.stableMs || this.#expected) attempt = 0;
      this.#expected = false;
      if (attempt === 0 && livedMs >= timing.restMs) {
        log.warn(describeFailure(error), 'the server is being reconnected');
        continue;
      }
      const retryInMs = backoffMs(attempt, timing.backoff);
      const { cause, remote = this.#options.lastWords() } = describeFailure(error);
      log.warn({ cause, remote, retryInMs }, 'the server is not available');
      this.#set({ status: 'unavailable', cause, retryInMs, ...(remote !== '' && { remote }) });
      this.#attempt.resolve();
      await this.#pause(retryInMs);
    }
    this.#set({ status: 'closed' });
    this.#attempt.resolve();
  }

  /** One connection from its making to its loss. */
  async #live(): Promise<{ error: unknown; livedMs: number }> {
    let connection: Connection | undefined;
    let readyAt: number | undefined;
    const lost = Promise.withResolvers<unknown>();
    this.#lost = lost.resolve;
    try {
      connection = await this.#options.connect({
        signal: this.#closing.signal,
        onToolsChanged: () => void this.#keeper.refresh(),
        onTrouble: () => void this.#ping(),
      });
      const made = connection;
      void made.closed.then((reason) => {
        lost.resolve(new Error(`it ${reason}`));
        this.reportLost(made, new Error(`it ${reason}`));
      });
      await this.#keeper.read(connection);
      this.#connection = connection;
      this.#expected = false;
      readyAt = performance.now();
      const { server, protocol, pid } = connection;
      this.#set({
        status: 'ready',
        ...(server && { server }),
        ...(protocol !== undefined && { protocol }),
        ...(pid !== undefined && { pid }),
      });
      this.#attempt.resolve();
      const error = await this.#watch(lost.promise);
      if (error instanceof Unresponsive) await connection.close();
      else this.#retire(connection);
      return { error, livedMs: performance.now() - readyAt };
    } catch (error) {
      await connection?.close();
      return { error, livedMs: 0 };
    } finally {
      this.#connection = undefined;
    }
  }

  /** Requests under way learn their own fate: a server that forgot the session still refuses each by itself. */
  #retire(connection: Connection): void {
    const { signal } = this.#closing;
    const late = delay(RETIRE_MS, undefined, { signal, ref: false }).catch(() => {});
    const closed = Promise.race([connection.idle(), late]).then(() => connection.close());
    this.#retiring.add(closed);
    void closed.finally(() => this.#retiring.delete(closed));
  }

  async #watch(lost: Promise<unknown>): Promise<unknown> {
    const timer = setInterval(() => void this.#ping(), this.#options.timing.heartbeatMs).unref();
    try {
      return await lost;
    } finally {
      clearInterval(timer);
    }
  }

  async #ping(): Promise<void> {
    const connection = this.#connection;
    if (!connection || this.#pinging) return;
    this.#pinging = true;
    const signal = this.#limited(this.#options.timing.hangMs);
    try {
      await connection.ping(signal);
    } catch (error) {
      const hangs = signal.aborted
        ? new Unresponsive(`it did not answer for ${this.#options.timing.hangMs} ms`)
        : error;
      this.reportLost(connection, hangs);
    } finally {
      this.#pinging = false;
    }
  }

  #limited(ms: number): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(ms), this.#closing.signal]);
  }

  async #pause(ms: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await delay(ms, undefined, { signal: woken.signal, ref: false }).catch(() => {});
    this.#wake = () => {};
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    void promise.then(resolve);
  });
}
