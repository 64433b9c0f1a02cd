import { setTimeout as pause } from 'node:timers/promises';
import {
  type AttachOptions,
  type CommandSpec,
  type CommandState,
  FlotillaError,
  type Logger,
} from '@flotilla/core';
import { conversation } from '../channel/conversation.ts';
import type { HostChannels } from '../channel/host-channels.ts';
import type { Shell } from '../channel/shell.ts';
import { withChannel } from '../channel/with-channel.ts';
import type { HostLinks } from '../links.ts';
import { BoundTerminal } from './bound-terminal.ts';
import { type Leftovers, stopLeftovers } from './cancel.ts';
import type { Elevation } from './elevation.ts';
import { timeLimitNotes } from './state-file.ts';

interface Leftover {
  /** Processes that the end of the terminal, TERM and KILL left over. */
  survivors: number[];
  /** The host could not be asked. */
  unknown?: boolean;
}

interface BoundEnd {
  state: CommandState;
  survivors: number[];
}

interface BoundRun {
  terminal: BoundTerminal;
  ended: Promise<BoundEnd>;
}

export interface BoundRunsInput {
  links: HostLinks;
  channels: HostChannels;
  shell: Shell;
  log: Logger;
}

/** A terminal that hung up closes within milliseconds, unless its command lives on. */
const LOOK_MS = 200;
const MAX_LOOKS = 50;

/** Commands on terminals of a connection, for hosts without script(1). At most once by the same locks as all others. */
export class BoundRuns {
  readonly #input: BoundRunsInput;
  readonly #runs = new Map<string, BoundRun>();

  constructor(input: BoundRunsInput) {
    this.#input = input;
  }

  get(alias: string, id: string): BoundRun | undefined {
    return this.#runs.get(`${alias}/${id}`);
  }

  /** Undefined: a command of this id was started before. */
  async start(
    alias: string,
    id: string,
    spec: CommandSpec,
    elevation: Elevation,
    options: AttachOptions,
  ): Promise<CommandState | undefined> {
    if (spec.secret === true || elevation.kind === 'password') {
      throw new FlotillaError('UNSUPPORTED', `${alias} has no script(1).`, {
        details: { alias, sent: false },
        hint: 'A secret or a sudo password cannot be kept off its process list without it. Install util-linux there.',
      });
    }
    const { links, channels } = this.#input;
    const lease = await links.lease(alias, options.signal === undefined ? {} : { signal: options.signal });
    let owned = false;
    try {
      owned = await this.#lock(channels, alias, id);
    } finally {
      if (!owned) lease.release();
    }
    if (!owned) return undefined;
    const key = `${alias}/${id}`;
    const sudo = elevation.kind === 'nopasswd';
    let leftovers: Promise<Leftover> | undefined;
    let isOpen = true;
    const terminal = new BoundTerminal(lease, id, { ...spec, sudo }, options, (graceMs) => {
      leftovers ??= this.#endLeftovers({ alias, id, sudo, graceMs }, () => isOpen);
    });
    const ended = terminal
      .run()
      .finally(() => {
        isOpen = false;
      })
      .then(async (state) => withLeftovers(state, await leftovers))
      .finally(() => this.#runs.delete(key));
    this.#runs.set(key, { terminal, ended });
    const { state } = await ended;
    if (state.state === 'ended') await this.#record(alias, id, state);
    return state;
  }

  /**
   * A command that was stopped may ignore the end of its terminal or have left it: its host ends it. Again while the
   * terminal is open, since the first look may come before the command has begun.
   */
  async #endLeftovers(run: Leftovers, isOpen: () => boolean): Promise<Leftover> {
    try {
      for (let looks = 1; ; looks++) {
        const { survivors = [] } = await stopLeftovers(this.#input.shell, run);
        if (!isOpen() || survivors.length > 0 || looks === MAX_LOOKS) return { survivors };
        await pause(LOOK_MS);
      }
    } catch (error) {
      this.#input.log.debug({ ...run, err: error }, 'what a bound command left was not looked for');
      return { survivors: [], unknown: true };
    }
  }

  async #lock(channels: HostChannels, alias: string, id: string): Promise<boolean> {
    let owned = false;
    const channel = await channels.acquire(alias);
    try {
      await conversation(channel, `f_lock_bound ${id}`, {
        frame: (words) => {
          owned = words[2] === 'ok';
          return words[0] === 'bound' && words[1] === id;
        },
        data: () => undefined,
      });
    } finally {
      channels.release(channel);
    }
    return owned;
  }

  async #record(alias: string, id: string, state: Extract<CommandState, { state: 'ended' }>): Promise<void> {
    const { outcome } = state;
    const mark = outcome.timedOut ? 'timeout' : outcome.cancelled ? 'cancelled' : '-';
    const status = outcome.exitCode ?? 255;
    const line = `${status} 0 ${outcome.durationMs / 1000} ${outcome.stdoutBytes} 0 0 ${mark}`;
    try {
      await withChannel(this.#input.channels, alias, (channel) =>
        conversation(channel, `f_end_bound ${id} '${line}'`, {
          frame: (words) => words[0] === 'bound' && words[1] === id,
          data: () => undefined,
        }),
      );
    } catch (error) {
      this.#input.log.debug(
        { alias, id, err: error },
        'the end of a bound command was not recorded on its host',
      );
    }
  }
}

function withLeftovers(state: CommandState, leftover: Leftover = { survivors: [] }): BoundEnd {
  const { survivors, unknown } = leftover;
  if (state.state !== 'ended') return { state, survivors };
  const { outcome } = state;
  const notes = [
    ...(outcome.notes ?? []),
    ...(outcome.timedOut ? timeLimitNotes(survivors) : []),
    ...(unknown ? ['the host could not be asked whether processes are left'] : []),
  ];
  return { state: { state: 'ended', outcome: { ...outcome, notes } }, survivors };
}
