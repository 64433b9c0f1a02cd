import type { ClientChannel } from 'ssh2';
import { disposeReceived } from '../tuning/dispose.ts';
import { widenWindow } from '../tuning/receive-window.ts';
import { FXP, SftpClosedError, SftpStatusError, STATUS } from './codes.ts';
import { PacketReader } from './packet-reader.ts';
import { PacketWriter } from './packet-writer.ts';
import { ResponseParser } from './response-parser.ts';

export interface Response {
  type: number;
  body: PacketReader;
}

interface Pending {
  resolve(response: Response): void;
  reject(error: Error): void;
  target?: Buffer;
  /** Bytes that a READ answer put into `target`. */
  onData?(length: number): void;
}

/** Requests and answers of one SFTP subsystem: any number in flight, matched by id. */
export class SftpChannel {
  readonly extensions = new Map<string, string>();
  /** Resolves when the channel is gone. */
  readonly closed: Promise<Error>;
  private readonly channel: ClientChannel;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private failure: Error | undefined;
  private onVersion: ((body: PacketReader) => void) | undefined;
  private onClosed: (error: Error) => void = () => {};

  constructor(channel: ClientChannel) {
    this.channel = channel;
    this.closed = new Promise((resolve) => {
      this.onClosed = resolve;
    });
    const parser = new ResponseParser({
      target: (id) => this.pending.get(id)?.target,
      packet: (type, id, body) => this.receive(type, id, body),
      data: (id, length) => {
        const entry = this.pending.get(id);
        this.pending.delete(id);
        entry?.onData?.(length);
      },
    });
    const received = widenWindow(channel);
    channel.on('data', (chunk: Buffer) => {
      if (this.failure) return;
      try {
        if (parser.push(chunk)) disposeReceived(chunk);
        received();
      } catch (error) {
        this.fail(error instanceof Error ? error : new SftpClosedError('The server broke the protocol'));
      }
    });
    channel.stderr.resume();
    const gone = (cause?: unknown): void => this.fail(new SftpClosedError('The connection was lost', cause));
    channel.once('close', () => gone());
    channel.once('end', () => gone());
    channel.on('error', gone);
  }

  get isClosed(): boolean {
    return this.failure !== undefined;
  }

  /** Version exchange; resolves with the version the server speaks. */
  handshake(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.onVersion = (body) => {
        while (body.left > 0)
          this.extensions.set(body.bytes().toString('latin1'), body.bytes().toString('latin1'));
      };
      this.pending.set(-1, { resolve: () => resolve(3), reject });
      if (this.failure) return this.rejectAll(this.failure);
      this.channel.write(new PacketWriter(FXP.INIT).uint32(3).finish());
    });
  }

  /** Sends a request whose fields `fill` writes, with `data` behind them; an error status rejects. */
  request(type: number, fill: (writer: PacketWriter) => void, sizeHint?: number): Promise<Response> {
    return new Promise((resolve, reject) => {
      const id = this.enter({ resolve, reject });
      if (id === undefined) return;
      const writer = new PacketWriter(type, sizeHint).uint32(id);
      fill(writer);
      this.channel.write(writer.finish());
    });
  }

  /** READ into `target`; 0 at the end of the file. */
  read(handle: Uint8Array, offset: number, target: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const id = this.enter({
        resolve: () => reject(new SftpClosedError('The server answered a read with something else')),
        reject: (error) =>
          error instanceof SftpStatusError && error.status === STATUS.EOF ? resolve(0) : reject(error),
        target,
        onData: resolve,
      });
      if (id === undefined) return;
      this.channel.write(
        new PacketWriter(FXP.READ).uint32(id).bytes(handle).uint64(offset).uint32(target.length).finish(),
      );
    });
  }

  /** WRITE of `data`, which must not change before the answer. */
  write(handle: Uint8Array, offset: number, data: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const id = this.enter({ resolve: () => resolve(), reject });
      if (id === undefined) return;
      const head = new PacketWriter(FXP.WRITE).uint32(id).bytes(handle).uint64(offset).uint32(data.length);
      this.channel.write(head.finish(data.length));
      this.channel.write(data);
    });
  }

  close(): void {
    this.fail(new SftpClosedError('The session was closed'));
  }

  private enter(entry: Pending): number | undefined {
    if (this.failure) {
      entry.reject(this.failure);
      return undefined;
    }
    const id = this.nextId;
    this.nextId = (this.nextId + 1) >>> 0;
    this.pending.set(id, entry);
    return id;
  }

  private receive(type: number, id: number, body: Buffer): void {
    const reader = new PacketReader(body);
    if (type === FXP.VERSION) {
      this.onVersion?.(reader);
      this.pending.get(-1)?.resolve({ type, body: reader });
      this.pending.delete(-1);
      return;
    }
    const entry = this.pending.get(id);
    if (!entry) return;
    this.pending.delete(id);
    if (type === FXP.STATUS) {
      const status = reader.uint32();
      const message = reader.left >= 4 ? reader.bytes().toString('utf8').slice(0, 300) : '';
      if (status !== STATUS.OK) {
        entry.reject(new SftpStatusError(status, message));
        return;
      }
    }
    entry.resolve({ type, body: reader });
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.onClosed(error);
    this.rejectAll(error);
    this.channel.close();
  }

  private rejectAll(error: Error): void {
    const entries = [...this.pending.values()];
    this.pending.clear();
    for (const entry of entries) entry.reject(error);
  }
}
