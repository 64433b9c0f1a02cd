import type { ClientChannel } from 'ssh2';
import { type Attrs, readAttrs, writeAttrs } from './attrs.ts';
import { FXP, OPEN, SftpClosedError, SftpStatusError, STATUS } from './codes.ts';
import type { PacketWriter } from './packet-writer.ts';
import { type Response, SftpChannel } from './sftp-channel.ts';

type Path = Uint8Array | string;
export type Handle = Uint8Array;

export interface Entry {
  name: Buffer;
  attrs: Attrs;
}

/** Limits of one request: limits@openssh.com where offered, else what every server takes. */
export interface Limits {
  readLength: number;
  writeLength: number;
  openHandles: number;
}

export interface VolumeSpace {
  blockSize: number;
  availableBlocks: number;
  freeInodes: number;
  totalInodes: number;
}

const DEFAULT_LIMITS: Limits = { readLength: 32 * 1024, writeLength: 32 * 1024, openHandles: 64 };
const MAX_LENGTH = 255 * 1024;

/** An SFTP v3 client over a raw channel. Paths and names are bytes; a string is sent as UTF-8. */
export class SftpClient {
  readonly channel: SftpChannel;
  limits: Limits = DEFAULT_LIMITS;
  /** Round trip of the version exchange or of the limits request, whichever was shorter. */
  rttMs = 0;

  private constructor(channel: SftpChannel) {
    this.channel = channel;
  }

  static async start(stream: ClientChannel): Promise<SftpClient> {
    const client = new SftpClient(new SftpChannel(stream));
    await client.channel.handshake();
    const start = performance.now();
    if (client.has('limits@openssh.com')) await client.askLimits();
    else await client.realpath('.');
    client.rttMs = performance.now() - start;
    return client;
  }

  has(extension: string): boolean {
    return this.channel.extensions.has(extension);
  }

  async open(path: Path, flags: number, attrs: Attrs = {}): Promise<Handle> {
    return handleOf(
      await this.channel.request(FXP.OPEN, (w) => writeAttrs(w.bytes(path).uint32(flags), attrs)),
    );
  }

  create(path: Path, mode: number): Promise<Handle> {
    return this.open(path, OPEN.READ | OPEN.WRITE | OPEN.CREATE | OPEN.EXCLUSIVE, { mode });
  }

  read(handle: Handle, offset: number, target: Buffer): Promise<number> {
    return this.channel.read(handle, offset, target);
  }

  write(handle: Handle, offset: number, data: Buffer): Promise<void> {
    return this.channel.write(handle, offset, data);
  }

  close(handle: Handle): Promise<void> {
    return this.plain(FXP.CLOSE, (w) => w.bytes(handle));
  }

  stat(path: Path): Promise<Attrs> {
    return this.attrs(FXP.STAT, path);
  }

  lstat(path: Path): Promise<Attrs> {
    return this.attrs(FXP.LSTAT, path);
  }

  fstat(handle: Handle): Promise<Attrs> {
    return this.attrs(FXP.FSTAT, handle);
  }

  setstat(path: Path, attrs: Attrs): Promise<void> {
    return this.plain(FXP.SETSTAT, (w) => writeAttrs(w.bytes(path), attrs));
  }

  fsetstat(handle: Handle, attrs: Attrs): Promise<void> {
    return this.plain(FXP.FSETSTAT, (w) => writeAttrs(w.bytes(handle), attrs));
  }

  async opendir(path: Path): Promise<Handle> {
    return handleOf(await this.channel.request(FXP.OPENDIR, (w) => w.bytes(path)));
  }

  /** The next entries, `.` and `..` among them; undefined at the end. */
  async readdir(handle: Handle): Promise<Entry[] | undefined> {
    try {
      return names(await this.channel.request(FXP.READDIR, (w) => w.bytes(handle)));
    } catch (error) {
      if (error instanceof SftpStatusError && error.status === STATUS.EOF) return undefined;
      throw error;
    }
  }

  remove(path: Path): Promise<void> {
    return this.plain(FXP.REMOVE, (w) => w.bytes(path));
  }

  mkdir(path: Path, mode: number): Promise<void> {
    return this.plain(FXP.MKDIR, (w) => writeAttrs(w.bytes(path), { mode }));
  }

  rmdir(path: Path): Promise<void> {
    return this.plain(FXP.RMDIR, (w) => w.bytes(path));
  }

  async realpath(path: Path): Promise<Buffer> {
    return firstName(await this.channel.request(FXP.REALPATH, (w) => w.bytes(path)));
  }

  async readlink(path: Path): Promise<Buffer> {
    return firstName(await this.channel.request(FXP.READLINK, (w) => w.bytes(path)));
  }

  /** OpenSSH takes the target first, against the draft; other servers followed it. */
  symlink(target: Path, path: Path): Promise<void> {
    return this.plain(FXP.SYMLINK, (w) => w.bytes(target).bytes(path));
  }

  /** Replaces an existing target at once where the server can; otherwise an existing target is an error. */
  rename(from: Path, to: Path): Promise<void> {
    return this.has('posix-rename@openssh.com')
      ? this.plain(FXP.EXTENDED, (w) => w.bytes('posix-rename@openssh.com').bytes(from).bytes(to))
      : this.plain(FXP.RENAME, (w) => w.bytes(from).bytes(to));
  }

  /** Resolves with false where the server cannot. */
  async fsync(handle: Handle): Promise<boolean> {
    if (!this.has('fsync@openssh.com')) return false;
    await this.plain(FXP.EXTENDED, (w) => w.bytes('fsync@openssh.com').bytes(handle));
    return true;
  }

  async space(path: Path): Promise<VolumeSpace | undefined> {
    if (!this.has('statvfs@openssh.com')) return undefined;
    const { body } = await this.channel.request(FXP.EXTENDED, (w) =>
      w.bytes('statvfs@openssh.com').bytes(path),
    );
    body.uint64();
    const blockSize = body.uint64();
    body.uint64();
    body.uint64();
    const availableBlocks = body.uint64();
    const totalInodes = body.uint64();
    return { blockSize, availableBlocks, totalInodes, freeInodes: body.uint64() };
  }

  end(): void {
    this.channel.close();
  }

  private async askLimits(): Promise<void> {
    const { body } = await this.channel.request(FXP.EXTENDED, (w) => w.bytes('limits@openssh.com'));
    body.uint64();
    const [read, write, handles] = [body.uint64(), body.uint64(), body.uint64()];
    const within = (value: number): number =>
      Math.max(1024, Math.min(value || DEFAULT_LIMITS.readLength, MAX_LENGTH));
    this.limits = {
      readLength: within(read),
      writeLength: within(write),
      openHandles: Math.max(8, Math.min(handles || DEFAULT_LIMITS.openHandles, 1024)),
    };
  }

  private async attrs(type: number, pathOrHandle: Path): Promise<Attrs> {
    const response = await this.channel.request(type, (w) => w.bytes(pathOrHandle));
    return readAttrs(expecting(response, FXP.ATTRS).body);
  }

  private async plain(type: number, fill: (writer: PacketWriter) => void): Promise<void> {
    await this.channel.request(type, fill);
  }
}

function expecting(response: Response, type: number): Response {
  if (response.type === type) return response;
  throw new SftpClosedError('The server answered with a packet of another kind');
}

const handleOf = (response: Response): Handle => Buffer.from(expecting(response, FXP.HANDLE).body.bytes());

function names(response: Response): Entry[] {
  const { body } = expecting(response, FXP.NAME);
  const entries: Entry[] = [];
  for (let left = body.uint32(); left > 0; left--) {
    const name = Buffer.from(body.bytes());
    body.bytes();
    entries.push({ name, attrs: readAttrs(body) });
  }
  return entries;
}

function firstName(response: Response): Buffer {
  const [entry] = names(response);
  if (!entry) throw new SftpClosedError('The server answered without a name');
  return entry.name;
}
