import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandStepResult, isOpen, type StreamName } from '@flotilla/core';
import type { StepRow } from '../steps/step-rows.ts';
import { brokenStart, characterLength, completeLength } from './head-and-tail.ts';
import { streamFile } from './stream-file.ts';
import { readRange } from './stream-sink.ts';

export interface OutputQuery {
  alias?: string;
  step?: string;
  stream?: StreamName;
  /** Bytes of the stored text, default 0. */
  offset?: number;
  /** Most bytes of text, default 65,536; a single character that is longer comes whole. */
  limit?: number;
  /** Lines that contain this text are listed too, case-insensitive. */
  search?: string;
}

export interface StreamInfo {
  step: string;
  alias: string;
  stream: StreamName;
  bytes: number;
  /** It will not grow. */
  complete: boolean;
  /** Its file was removed by retention; what is left is the head and tail kept with the result. */
  removed?: boolean;
}

export interface RunOutput {
  streams: StreamInfo[];
  read?: Omit<StreamInfo, 'bytes' | 'removed'> & { offset: number; nextOffset: number; text: string };
  matches?: { step: string; alias: string; stream: StreamName; offset: number; line: string }[];
}

interface StoredStream extends StreamInfo {
  range(from: number, length: number): Buffer;
}

const STREAMS = ['stdout', 'stderr'] as const;
const MAX_MATCHES = 100;
const MAX_LINE = 2_000;
const BLOCK = 256 * 1024;
const LONGEST_CHARACTER = 4;
const LONGEST_BROKEN = 3;

/** Reads stored output by offset, while the run goes on and after it. */
export function readOutput(folder: string, steps: readonly StepRow[], query: OutputQuery): RunOutput {
  const streams = steps
    .filter((step) => step.kind === 'command')
    .filter((step) => (query.alias ?? step.alias) === step.alias && (query.step ?? step.key) === step.key)
    .flatMap((step) =>
      STREAMS.filter((stream) => (query.stream ?? stream) === stream).map((stream) =>
        open(folder, step, stream),
      ),
    );
  const chosen = streams.find((stream) => stream.bytes > 0) ?? streams[0];
  return {
    streams: streams.map(({ range: _, ...info }) => info),
    ...(chosen && { read: page(chosen, query.offset ?? 0, query.limit ?? 65_536) }),
    ...(query.search && { matches: search(streams, query.search.toLowerCase()) }),
  };
}

function open(folder: string, step: StepRow, stream: StreamName): StoredStream {
  const file = join(folder, streamFile({ ...step, stream }));
  const info = { step: step.key, alias: step.alias, stream, complete: !isOpen(step.state) };
  if (existsSync(file)) {
    return { ...info, bytes: statSync(file).size, range: (from, length) => readRange(file, from, length) };
  }
  const kept = step.outcome ? (JSON.parse(step.outcome) as CommandStepResult)[stream] : undefined;
  const text = Buffer.from(kept?.text ?? '');
  return {
    ...info,
    bytes: text.length,
    ...(kept?.truncated && { removed: true }),
    range: (from, length) => text.subarray(from, from + length),
  };
}

/** Whole characters only: an offset inside one moves back to its beginning when it was made by an earlier page. */
function page(stream: StoredStream, offset: number, limit: number): NonNullable<RunOutput['read']> {
  const from = Math.min(Math.max(0, offset), stream.bytes);
  const bytes = stream.range(from, Math.max(LONGEST_BROKEN + LONGEST_CHARACTER, limit));
  const skip = brokenStart(bytes);
  const { step, alias, complete } = stream;
  const end = pageEnd(bytes, skip, limit, complete && from + bytes.length >= stream.bytes);
  return {
    step,
    alias,
    stream: stream.stream,
    complete: complete && from + end >= stream.bytes,
    offset: from,
    nextOffset: from + end,
    text: bytes.subarray(skip, end).toString('utf8'),
  };
}

/** Where a page ends that begins at `skip`. Never before: what cannot be shown is passed by. */
function pageEnd(bytes: Buffer, skip: number, limit: number, last: boolean): number {
  const within = bytes.subarray(0, skip + limit);
  const end = last && within.length === bytes.length ? bytes.length : completeLength(within);
  if (end > skip) return end;
  const first = skip + characterLength(bytes[skip] ?? 0);
  if (first <= bytes.length) return first;
  return last ? bytes.length : skip;
}

function search(streams: readonly StoredStream[], wanted: string): NonNullable<RunOutput['matches']> {
  const matches: NonNullable<RunOutput['matches']> = [];
  for (const stream of streams) {
    for (const { offset, line } of linesOf(stream)) {
      if (!line.toLowerCase().includes(wanted)) continue;
      const { step, alias } = stream;
      matches.push({ step, alias, stream: stream.stream, offset, line: line.slice(0, MAX_LINE) });
      if (matches.length === MAX_MATCHES) return matches;
    }
  }
  return matches;
}

/** Lines with the offset of their first byte; a line longer than a block is cut there. */
function* linesOf(stream: StoredStream): Generator<{ offset: number; line: string }> {
  let rest: Buffer = Buffer.alloc(0);
  let restAt = 0;
  for (let at = 0; at < stream.bytes; ) {
    const block = stream.range(at, BLOCK);
    if (block.length === 0) break;
    at += block.length;
    rest = Buffer.concat([rest, block]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield { offset: restAt, line: rest.toString('utf8', 0, end) };
      rest = rest.subarray(end + 1);
      restAt += end + 1;
    }
    if (rest.length < BLOCK) continue;
    yield { offset: restAt, line: rest.toString('utf8') };
    restAt += rest.length;
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield { offset: restAt, line: rest.toString('utf8') };
}
