import { type AttachOptions, type CommandState, FlotillaError, type Logger } from '@flotilla/core';
import type { HostChannels } from '../channel/host-channels.ts';
import { FollowedRun } from './followed-run.ts';
import type { ProcessMark } from './process-mark.ts';
import { queryRuns } from './query.ts';

/** How often a host is asked: quick after a start or new output, slower while nothing happens. */
const SHORTEST_MS = 250;
const LONGEST_MS = 2_000;
/** Lost connections in a row before the followers are told. */
const RETRY_DELAYS_MS = [100, 500, 1_500];

/** Stops what the host could not stop at the time limit of a command. */
type StopLate = (id: string, left: readonly ProcessMark[]) => Promise<unknown>;

/** Follows every detached command of one host: one question for all of them, their ends pushed by the host. */
export class HostFollower {
  readonly #alias: string;
  readonly #channels: HostChannels;
  readonly #log: Logger;
  readonly #stopLate: StopLate;
  readonly #followed = new Set<FollowedRun>();
  #intervalMs = SHORTEST_MS;
  #wake: (() => void) | undefined;
  #kicked = false;
  #running = false;

  constructor(alias: string, channels: HostChannels, log: Logger, stopLate: StopLate) {
    this.#alias = alias;
    this.#stopLate = stopLate;
    this.#channels = channels;
    this.#log = log;
    channels.onStray(alias, ([kind, id]) => {
      if (kind !== 'ended') return;
      for (const one of this.#followed) if (one.id === id) this.#kick();
    });
  }

  /** Resolves when the command has ended, or its state says that it never will; CONNECTION_FAILED after some tries. */
  follow(
    id: string,
    options: AttachOptions,
    how: { soon: boolean; started?: boolean },
  ): Promise<CommandState> {
    const one = new FollowedRun({
      id,
      options,
      started: how.started ?? false,
      stopLate: (left) => this.#stop(id, left),
    });
    if (one.isOver) return one.ended;
    this.#followed.add(one);
    this.#intervalMs = SHORTEST_MS;
    if (how.soon) this.#kick();
    if (!this.#running) void this.#run();
    return one.ended.finally(() => this.#followed.delete(one));
  }

  #kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    while (this.#waiting().length > 0) {
      await this.#pause(failures > 0 ? (RETRY_DELAYS_MS[failures - 1] ?? 0) : this.#intervalMs);
      if (this.#waiting().length === 0) break;
      try {
        await this.#ask();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#log.debug({ alias: this.#alias, err: error, failures }, 'asking for detached commands failed');
        if (failures > RETRY_DELAYS_MS.length || !isLostConnection(error)) {
          for (const one of this.#waiting()) one.fail(error);
        }
      }
    }
    this.#running = false;
  }

  #waiting(): FollowedRun[] {
    return [...this.#followed].filter((one) => !one.isOver);
  }

  #pause(ms: number): Promise<void> {
    if (this.#kicked) {
      this.#kicked = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        this.#kicked = false;
        resolve();
      };
    });
  }

  async #ask(): Promise<void> {
    const channel = await this.#channels.acquire(this.#alias);
    try {
      const asked = this.#waiting();
      const reports = await queryRuns(channel, [...new Set(asked.map((one) => one.id))]);
      let grown = false;
      for (const one of asked) {
        const report = reports.get(one.id);
        if (report !== undefined && (await one.update(channel, report))) grown = true;
      }
      this.#intervalMs = grown ? SHORTEST_MS : Math.min(this.#intervalMs * 1.5, LONGEST_MS);
    } finally {
      this.#channels.release(channel);
    }
  }

  async #stop(id: string, left: readonly ProcessMark[]): Promise<void> {
    try {
      await this.#stopLate(id, left);
    } catch (error) {
      this.#log.debug({ alias: this.#alias, err: error }, 'a command over its time limit was not stopped');
    }
    this.#kick();
  }
}

function isLostConnection(error: unknown): boolean {
  return error instanceof FlotillaError && error.code === 'CONNECTION_FAILED';
}
