/** A piece of output of a container; Docker Engine API, "Attach to a container", stream format. */
export interface Frame {
  stream: 'stdout' | 'stderr';
  bytes: Buffer;
}

const HEADER = 8;

/**
 * Takes apart the engine's multiplexed output: frames of an 8-byte header `{STREAM, 0, 0, 0, SIZE big endian}` and
 * a payload. A payload is passed on as it comes, so that a frame that claims 4 GiB costs no memory. Bytes that are no
 * frame (an engine that answers raw) are passed on as stdout from there on.
 */
export function createDemuxer(): (chunk: Buffer) => Frame[] {
  let header = Buffer.alloc(0);
  let left = 0;
  let current: Frame['stream'] = 'stdout';
  let raw = false;
  return (chunk) => {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (raw) {
        frames.push({ stream: 'stdout', bytes: rest });
        break;
      }
      if (left > 0) {
        const bytes = rest.subarray(0, left);
        frames.push({ stream: current, bytes });
        left -= bytes.length;
        rest = rest.subarray(bytes.length);
        continue;
      }
      const taken = rest.subarray(0, HEADER - header.length);
      header = Buffer.concat([header, taken]);
      rest = rest.subarray(taken.length);
      if (!couldBeHeader(header)) {
        raw = true;
        frames.push({ stream: 'stdout', bytes: header });
      } else if (header.length === HEADER) {
        current = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      }
    }
    return frames;
  };
}

const couldBeHeader = (bytes: Buffer): boolean =>
  (bytes[0] ?? 0) <= 2 && bytes.subarray(1, 4).every((byte) => byte === 0);

/** A whole multiplexed body; `tty`: the container has a terminal, its output is raw. */
export function demux(body: Buffer, tty: boolean): Frame[] {
  return tty ? [{ stream: 'stdout', bytes: body }] : createDemuxer()(body);
}
