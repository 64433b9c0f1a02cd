import { join } from 'node:path';
import type { CapturedOutput, Redactor, StreamName } from '@flotilla/core';
import { streamFile } from './stream-file.ts';
import { StreamSink } from './stream-sink.ts';

/** Takes the raw bytes of one stream from its host and keeps them, masked. */
export interface OutputSink {
  /** The raw byte that is wanted next. */
  readonly received: number;
  /** Throws when what came cannot be kept now; nothing is lost, it is asked for again. */
  push(offset: number, chunk: Uint8Array): void;
  /** Keeps what an earlier trouble held back, before more is asked for. Throws as `push` does. */
  flushBacklog(): void;
  /** No more comes: everything is kept when it returns. May be called again after it failed. */
  end(): void | Promise<void>;
  /** Makes what is in memory visible to readers. */
  flush(): void;
  /** Head and tail of the kept text, after `end`. */
  captured(limit: number): CapturedOutput;
  close(): void;
}

export interface StreamOfRun {
  key: string;
  alias: string;
  attempt: number;
  stream: StreamName;
}

export interface OpenOutput {
  /** `gone` is aborted when the run is let go. */
  run: { readonly id: string; readonly fence: number; readonly gone: AbortSignal };
  stream: StreamOfRun;
  /** Nothing was ever kept of this stream. */
  fresh: boolean;
  /** Gets the masked text as it is decided. */
  onText(text: string): void;
}

/** Where the output of commands goes. */
export interface Outputs {
  open(what: OpenOutput): OutputSink | Promise<OutputSink>;
}

/** Files of the data folder. */
export function localOutputs(options: {
  outputDir: string;
  redactor: Redactor | undefined;
  memoryBytes: number;
}): Outputs {
  const { outputDir, redactor, memoryBytes } = options;
  return {
    open: ({ run, stream, fresh, onText }) =>
      new StreamSink({
        file: join(outputDir, run.id, streamFile(stream)),
        redactor,
        fresh,
        memoryBytes,
        onText,
      }),
  };
}
