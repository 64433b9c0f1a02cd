import { join } from 'node:path';
import { type CapturedOutput, FlotillaError, isFlotillaError, type Redactor } from '@flotilla/core';
import type { StreamOfRun } from '../output/outputs.ts';
import { streamFile } from '../output/stream-file.ts';
import { StreamSink } from '../output/stream-sink.ts';

export interface OutputPiece {
  stream: StreamOfRun;
  /** Position of the first raw byte. */
  offset: number;
  data: Uint8Array;
  /** No more comes. */
  end: boolean;
}

export interface PieceTaken {
  /** The raw byte that is wanted next; smaller than what was sent when the stream has to be sent again. */
  received: number;
  /** Head and tail of the whole, once it has ended and nothing is missing. */
  captured?: CapturedOutput;
}

const IDLE_MS = 10 * 60_000;

interface Kept {
  sink: StreamSink;
  idle: NodeJS.Timeout;
}

/** Streams of runs whose executors are elsewhere, masked and stored here. One sink per stream, whoever sends it. */
export class OutputDesk {
  readonly #options: { outputDir: string; redactor: Redactor | undefined; capturedBytes: number };
  readonly #runs = new Map<string, Map<string, Kept>>();

  constructor(options: { outputDir: string; redactor: Redactor | undefined; capturedBytes: number }) {
    this.#options = options;
  }

  /** STORAGE_FULL: nothing is lost, send it again. */
  take(runId: string, piece: OutputPiece): PieceTaken {
    const sink = this.#sink(runId, piece.stream);
    try {
      sink.flushBacklog();
      if (piece.offset <= sink.received) sink.push(piece.offset, piece.data);
      const whole = piece.offset + piece.data.length <= sink.received;
      if (!piece.end || !whole) return { received: sink.received };
      sink.end();
      return { received: sink.received, captured: sink.captured(this.#options.capturedBytes) };
    } catch (error) {
      if (isFlotillaError(error)) throw error;
      throw new FlotillaError('STORAGE_FULL', 'The output cannot be stored, the disk may be full.', {
        cause: error,
      });
    }
  }

  flush(runId: string): void {
    for (const { sink } of this.#runs.get(runId)?.values() ?? []) sink.flush();
  }

  /** The run has ended, or left this process. */
  close(runId: string): void {
    for (const { sink, idle } of this.#runs.get(runId)?.values() ?? []) {
      clearTimeout(idle);
      sink.close();
    }
    this.#runs.delete(runId);
  }

  closeAll(): void {
    for (const runId of [...this.#runs.keys()]) {
      try {
        this.flush(runId);
      } catch {
        // A full disk: its executor sends it again.
      }
      this.close(runId);
    }
  }

  #sink(runId: string, stream: StreamOfRun): StreamSink {
    const name = streamFile(stream);
    const streams = this.#runs.get(runId) ?? new Map<string, Kept>();
    this.#runs.set(runId, streams);
    const known = streams.get(name);
    if (known) {
      known.idle.refresh();
      return known.sink;
    }
    const { outputDir, redactor, capturedBytes } = this.#options;
    const sink = new StreamSink({ file: join(outputDir, runId, name), redactor, memoryBytes: capturedBytes });
    streams.set(name, { sink, idle: setTimeout(() => this.#letGo(runId), IDLE_MS).unref() });
    return sink;
  }

  /** An executor that fell silent: whoever goes on finds the file. */
  #letGo(runId: string): void {
    try {
      this.flush(runId);
    } finally {
      this.close(runId);
    }
  }
}
