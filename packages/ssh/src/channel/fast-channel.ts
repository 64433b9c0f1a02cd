import { randomBytes } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import type { ClientChannel } from 'ssh2';
import type { ChannelLease } from '../links.ts';
import { FrameParser } from './frames.ts';
import { CHANNEL_COMMAND, encodeMessage } from './host/channel-command.ts';
import { libraryText } from './host/library.ts';

/** Whoever uses a channel now: sees its frames and the output outside frames. */
export interface ChannelUser {
  frame(words: string[]): void;
  data(chunk: Buffer): void;
  /** Of the channel's stderr; only plain scripts write there. */
  errorFrame?(words: string[]): void;
  errorData?(chunk: Buffer): void;
  /** The channel is gone before its user was done. */
  closed(error: FlotillaError): void;
}

export interface ShellKind {
  /** bash >= 5 runs the channel. */
  bash: boolean;
  /** setsid(1) gives commands their own session where the shell cannot give them a process group. */
  setsid: boolean;
  /** Folder where a process finds its own descriptors. */
  descriptors: '/dev/fd' | '/proc/self/fd';
}

export interface HelloFacts extends ShellKind {
  /** script(1) and mkfifo(1) are there: a command can have a terminal that outlives the connection. */
  script: boolean;
  /** Process id of the channel's shell on the host. */
  pid: number;
  /** Boot id and start time of process 1: differs after a reboot and after a container's restart. */
  boot: string;
}

/** Said by processes in the background, at any time: a run has ended, a cancel is done. */
const STRAY = new Set(['ended', 'cancel']);

/** One long-lived shell in one session channel. One user at a time; frames of other runs may come at any time. */
export class FastChannel {
  readonly lease: ChannelLease;
  readonly #stream: ClientChannel;
  readonly #onStray: (words: string[]) => void;
  #user: ChannelUser | undefined;
  #hello: HelloFacts | undefined;
  #closed: FlotillaError | undefined;
  #closing = false;
  /** Of the shell; null while it runs, and when it did not end by itself. */
  #exitCode: number | null = null;
  readonly closed: Promise<void>;

  private constructor(lease: ChannelLease, stream: ClientChannel, onStray: (words: string[]) => void) {
    this.lease = lease;
    this.#stream = stream;
    this.#onStray = onStray;
    this.closed = new Promise((resolve) => {
      // The code comes with the close too: a shell that ended at once has said it before anyone could listen.
      stream.once('close', (code?: number | null) => {
        this.#exitCode ??= code ?? null;
        this.#fail();
        lease.release();
        resolve();
      });
    });
  }

  /**
   * Opens a session channel on `lease` and starts the shell; the lease is released when the channel closes.
   * `onStray` gets the frames of background processes, which are hardly ever for the user of the moment.
   */
  static async open(lease: ChannelLease, onStray: (words: string[]) => void): Promise<FastChannel> {
    let stream: ClientChannel;
    try {
      stream = await lease.link.exec(CHANNEL_COMMAND);
    } catch (error) {
      lease.release();
      throw error;
    }
    const channel = new FastChannel(lease, stream, onStray);
    await channel.#start();
    return channel;
  }

  get hello(): HelloFacts {
    if (this.#hello === undefined) throw new FlotillaError('INTERNAL', 'The channel has not started.');
    return this.#hello;
  }

  /** Closed or about to be. */
  get isClosed(): boolean {
    return this.#closed !== undefined || this.#closing;
  }

  /** Takes the channel. Its user must call `leave` before anyone else may. */
  enter(user: ChannelUser): void {
    if (this.#user !== undefined) throw new FlotillaError('INTERNAL', 'The channel is in use.');
    if (this.#closed !== undefined) throw this.#closed;
    this.#user = user;
  }

  leave(): void {
    this.#user = undefined;
  }

  send(text: string): void {
    if (this.#closed === undefined) this.#stream.write(encodeMessage(text));
  }

  /** Throws the channel away at once: nothing that it still brings reaches anyone. */
  dispose(): void {
    this.#user = undefined;
    this.close();
  }

  /** Ends the input: the shell ends when it is idle. */
  close(): void {
    if (this.isClosed) return;
    this.#closing = true;
    this.#stream.end();
    this.#stream.close();
  }

  #fail(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new FlotillaError(
      'CONNECTION_FAILED',
      `The connection to ${this.lease.link.alias} was lost.`,
      {
        details: { alias: this.lease.link.alias, cause: 'channel_closed' },
      },
    );
    const user = this.#user;
    this.#user = undefined;
    user?.closed(this.#closed);
  }

  #start(): Promise<void> {
    const stream = this.#stream;
    const marker = `\u0001${randomBytes(16).toString('hex')}`;
    const bytes = Buffer.from(marker, 'latin1');
    const out = new FrameParser(bytes, {
      frame: (words) => {
        if (STRAY.has(words[0] ?? '')) this.#onStray(words);
        this.#user?.frame(words);
      },
      data: (chunk) => this.#user?.data(chunk),
    });
    const err = new FrameParser(bytes, {
      frame: (words) => this.#user?.errorFrame?.(words),
      data: (chunk) => this.#user?.errorData?.(chunk),
    });
    const pump = (parser: FrameParser) => (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch {
        this.close();
      }
    };
    stream.on('data', pump(out));
    stream.stderr.on('data', pump(err));
    stream.on('error', () => this.close());
    // The shell is gone; what it left behind may hold the channel open.
    stream.once('exit', (code: number | null) => {
      this.#exitCode = code;
      this.close();
    });
    return new Promise((resolve, reject) => {
      let said = '';
      const note = (chunk: Buffer) => {
        if (said.length < 2000) said += chunk.toString('utf8');
      };
      this.enter({
        frame: (words) => {
          if (words[0] !== 'hello') return;
          this.leave();
          this.#hello = helloOf(words);
          resolve();
        },
        data: note,
        errorData: note,
        // Only a program that ended by itself was no shell; without an exit code the connection or a kill ended it.
        closed: (lost) =>
          reject(
            this.#exitCode === null
              ? lost
              : new FlotillaError('UNSUPPORTED', `${this.lease.link.alias} did not start a POSIX shell.`, {
                  details: { alias: this.lease.link.alias, remote: said },
                }),
          ),
      });
      this.send(libraryText(marker));
    });
  }
}

function helloOf([, bash, exec, descriptors, script, pid, boot = '']: string[]): HelloFacts {
  return {
    bash: bash === '1',
    setsid: exec === 'setsid',
    descriptors: descriptors === '/proc/self/fd' ? descriptors : '/dev/fd',
    script: script === '1',
    pid: Number(pid),
    boot,
  };
}
