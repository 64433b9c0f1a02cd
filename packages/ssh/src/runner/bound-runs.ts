import {
  type AttachOptions,
  type CommandSpec,
  type CommandState,
  FlotillaError,
  type Logger,
} from '@flotilla/core';
import { conversation } from '../channel/conversation.ts';
import type { HostChannels } from '../channel/host-channels.ts';
import { withChannel } from '../channel/with-channel.ts';
import type { HostLinks } from '../links.ts';
import { BoundTerminal } from './bound-terminal.ts';
import type { Elevation } from './elevation.ts';

interface BoundRun {
  terminal: BoundTerminal;
  ended: Promise<CommandState>;
}

export interface BoundRunsInput {
  links: HostLinks;
  channels: HostChannels;
  log: Logger;
}

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
    const terminal = new BoundTerminal(lease, id, { ...spec, sudo: elevation.kind === 'nopasswd' }, options);
    const ended = terminal.run().finally(() => this.#runs.delete(key));
    this.#runs.set(key, { terminal, ended });
    const state = await ended;
    if (state.state === 'ended') await this.#record(alias, id, state);
    return state;
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
