import { StringDecoder } from 'node:string_decoder';
import { type CapturedOutput, FlotillaError, isFlotillaError, type Redactor } from '@flotilla/core';
import { Fenced, type OpenOutput, type OutputSink, type Outputs } from '@flotilla/jobs';
import { pause } from '../pause.ts';
import type { HubClient } from './hub-client.ts';

/** Of one stream, not yet at the hub. */
const MOST_PENDING_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 512 * 1024;
const SEND_AFTER_MS = 60;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
const NOTHING: CapturedOutput = { text: '', bytes: 0, truncated: false };

/** Output that the hub masks and stores. */
export function remoteOutputs(client: HubClient, redactor: Redactor): Outputs {
  return {
    async open(what) {
      const sink = new RemoteSink(client, redactor, what);
      if (!what.fresh) await sink.ask();
      return sink;
    },
  };
}

class RemoteSink implements OutputSink {
  readonly #client: HubClient;
  readonly #redactor: Redactor;
  readonly #what: OpenOutput;
  readonly #closed = new AbortController();
  #decoder = new StringDecoder('utf8');
  #masker: ReturnType<Redactor['stream']>;
  /** The raw byte that the pending ones begin with: the hub has all before it. */
  #sent = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why nothing more is taken until the stream is followed anew. */
  #trouble: unknown;
  #captured: CapturedOutput | undefined;
  /** Somebody waits for the end and wants to know what is in its way. */
  #ending = false;

  constructor(client: HubClient, redactor: Redactor, what: OpenOutput) {
    this.#client = client;
    this.#redactor = redactor;
    this.#what = what;
    this.#masker = redactor.stream();
  }

  get received(): number {
    return this.#sent + this.#pendingBytes;
  }

  /** From where the hub wants this stream. Waits for a hub that is away. */
  async ask(): Promise<void> {
    await this.#untilTaken(async () => {
      const { received } = await this.#post(Buffer.alloc(0), 0, false);
      this.#sent = received;
    });
  }

  push(offset: number, chunk: Uint8Array): void {
    if (this.#trouble !== undefined) throw this.#trouble;
    const known = Math.max(0, this.received - offset);
    if (known >= chunk.length) return;
    if (this.#pendingBytes > MOST_PENDING_BYTES) throw behind();
    const fresh = Buffer.from(chunk.subarray(known));
    this.#pending.push(fresh);
    this.#pendingBytes += fresh.length;
    this.#show(this.#masker.push(this.#decoder.write(fresh)));
    this.#sendSoon();
  }

  flushBacklog(): void {
    if (this.#trouble instanceof Fenced) throw this.#trouble;
    this.#trouble = undefined;
    this.#ending = false;
    if (this.#pendingBytes > MOST_PENDING_BYTES / 2) throw behind();
  }

  async end(): Promise<void> {
    if (this.#captured) return;
    clearTimeout(this.#timer);
    this.#ending = true;
    await this.#sending;
    if (this.#trouble !== undefined) throw this.#trouble;
    this.#show(this.#masker.push(this.#decoder.end()) + this.#masker.end());
    this.#masker = this.#redactor.stream();
    if (this.received === 0 && this.#what.fresh) {
      this.#captured = NOTHING;
      return;
    }
    while (this.#pendingBytes > PIECE_BYTES) await this.#sendPiece(false);
    await this.#sendPiece(true);
    if (this.#trouble !== undefined) throw this.#trouble;
    if (!this.#captured) throw behind();
  }

  flush(): void {
    this.#sendNow();
  }

  captured(): CapturedOutput {
    return this.#captured ?? NOTHING;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closed.abort();
  }

  #show(text: string): void {
    if (text !== '') this.#what.onText(text);
  }

  #sendSoon(): void {
    if (this.#pendingBytes >= PIECE_BYTES) this.#sendNow();
    else if (this.#sending === undefined)
      this.#timer ??= setTimeout(() => this.#sendNow(), SEND_AFTER_MS).unref();
  }

  #sendNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#pendingBytes > 0 && this.#trouble === undefined && !this.#closed.signal.aborted)
      await this.#untilTaken(() => this.#sendPiece(false)).catch((error: unknown) => {
        this.#trouble = error;
      });
  }

  async #sendPiece(end: boolean): Promise<void> {
    const whole = Buffer.concat(this.#pending);
    this.#pending = [whole];
    const piece = whole.subarray(0, PIECE_BYTES);
    const from = this.#sent;
    const { received, captured } = await this.#post(piece, from, end);
    this.#captured = captured;
    if (received < from) return this.#startAgain(received);
    const taken = Math.min(received - from, this.#pendingBytes);
    const rest = Buffer.concat(this.#pending).subarray(taken);
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#pendingBytes = rest.length;
    this.#sent = from + taken;
  }

  /** The hub came back without what it had not stored: the host still has it. */
  #startAgain(from: number): void {
    this.#sent = from;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#decoder = new StringDecoder('utf8');
    this.#masker = this.#redactor.stream();
    this.#trouble = new FlotillaError('SERVER_UNAVAILABLE', 'the hub wants earlier output again');
  }

  #post(data: Buffer, offset: number, end: boolean) {
    const { run, stream } = this.#what;
    return this.#client.ask('output', {
      runId: run.id,
      fence: run.fence,
      stream,
      offset,
      data: data.toString('base64'),
      end,
    });
  }

  /** Through an absence of the hub; what else it says is thrown. */
  async #untilTaken(work: () => Promise<void>): Promise<void> {
    const stop = AbortSignal.any([this.#closed.signal, this.#what.run.gone]);
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await work();
      } catch (error) {
        const away =
          isFlotillaError(error) && ['SERVER_UNAVAILABLE', 'STORAGE_FULL', 'TIMEOUT'].includes(error.code);
        if (!away || stop.aborted || this.#ending) throw error;
      }
      await pause(waitMs, stop);
    }
  }
}

const behind = (): FlotillaError =>
  new FlotillaError('SERVER_UNAVAILABLE', 'The hub does not take the output at the moment.');
