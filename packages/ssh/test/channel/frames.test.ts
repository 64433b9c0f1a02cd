import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser } from '../../src/channel/frames.ts';

const MARKER = Buffer.from(`\u0001${'0123456789abcdef'.repeat(2)}`, 'latin1');

function parse(chunks: readonly Buffer[]): { frames: string[][]; data: string } {
  const frames: string[][] = [];
  const data: Buffer[] = [];
  const parser = new FrameParser(MARKER, {
    frame: (words) => frames.push(words),
    data: (chunk) => data.push(Buffer.from(chunk)),
  });
  for (const chunk of chunks) parser.push(chunk);
  return { frames, data: Buffer.concat(data).toString('latin1') };
}

/** Cuts a buffer at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

describe('frames', () => {
  const word = fc.stringMatching(/^[a-z0-9._-]{1,12}$/);
  const output = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    // Output that begins like a marker and then is none.
    fc.integer({ min: 1, max: MARKER.length - 1 }).map((length) => MARKER.subarray(0, length)),
  );
  const part = fc.oneof(
    fc.record({ frame: fc.array(word, { minLength: 1, maxLength: 5 }) }),
    fc.record({ output: output.filter((bytes) => !bytes.includes(MARKER)) }),
  );

  test('come out of any output, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.nat(2000), { maxLength: 30 }),
        (parts, places) => {
          const bytes = Buffer.concat(
            parts.map((one) =>
              'frame' in one ? Buffer.concat([MARKER, Buffer.from(` ${one.frame.join(' ')}\n`)]) : one.output,
            ),
          );
          // What could still become a marker is held back until more comes: a last frame brings it out.
          const all = Buffer.concat([bytes, MARKER, Buffer.from(' end\n')]);
          const seen = parse(cut(all, places));
          expect(seen.frames).toEqual([
            ...parts.flatMap((one) => ('frame' in one ? [one.frame] : [])),
            ['end'],
          ]);
          expect(seen.data).toBe(
            parts.map((one) => ('output' in one ? one.output.toString('latin1') : '')).join(''),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test('output without a frame is handed out at once', () => {
    expect(parse([Buffer.from('plain \u0001 text')]).data).toBe('plain \u0001 text');
  });

  test('a frame in the middle of output leaves both whole', () => {
    const bytes = Buffer.concat([Buffer.from('left'), MARKER, Buffer.from(' l id\nright')]);
    expect(parse([...bytes].map((byte) => Buffer.from([byte])))).toEqual({
      frames: [['l', 'id']],
      data: 'leftright',
    });
  });

  test('a frame that never ends is not kept for ever', () => {
    const endless = Buffer.concat([MARKER, Buffer.alloc(70_000, 'x')]);
    expect(() => parse([endless])).toThrow('frame without an end');
  });
});
