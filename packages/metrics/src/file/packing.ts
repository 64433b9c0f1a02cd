import type { Bucket } from '../types.ts';

const FIELDS = 5;

/** Samples as they came are doubles; rollups are single floats (7 digits): min, max, sum, n, last. */
export function packSample(values: readonly number[]): Uint8Array {
  return bytes(Float64Array.from(values));
}

export function packBuckets(buckets: readonly Bucket[]): Uint8Array {
  const packed = new Float32Array(buckets.length * FIELDS);
  buckets.forEach(({ min, max, sum, n, last }, index) => {
    packed.set([min, max, sum, n, last], index * FIELDS);
  });
  return bytes(packed);
}

export const packLayout = (series: readonly number[]): Uint8Array => bytes(Uint32Array.from(series));

export const unpackLayout = (data: Uint8Array): Uint32Array => new Uint32Array(aligned(data));

/** The value at one place of a packed row of samples. */
export function sampleAt(data: Uint8Array, index: number): number {
  return view(data).getFloat64(index * 8, true);
}

/** The step at one place of a packed rollup. */
export function bucketAt(data: Uint8Array, index: number, at: number): Bucket {
  const from = view(data);
  const field = (position: number): number => from.getFloat32((index * FIELDS + position) * 4, true);
  return { at, min: field(0), max: field(1), sum: field(2), n: field(3), last: field(4) };
}

export const ofSample = (at: number, value: number): Bucket => ({
  at,
  min: value,
  max: value,
  sum: value,
  n: 1,
  last: value,
});

/** Adds a later bucket to an earlier one. */
export function addTo(into: Bucket, later: Bucket): void {
  into.min = Math.min(into.min, later.min);
  into.max = Math.max(into.max, later.max);
  into.sum += later.sum;
  into.n += later.n;
  into.last = later.last;
}

const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

const bytes = (array: Float64Array | Float32Array | Uint32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const aligned = (data: Uint8Array): ArrayBuffer => Uint8Array.from(data).buffer;
