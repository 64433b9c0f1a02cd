import { once } from 'node:events';
import { visibleControls } from '@flotilla/core';
import type { Output } from '../world.ts';

type Stream = 'stdout' | 'stderr';

export interface HostWriter {
  write(alias: string, stream: Stream, text: string): void;
  /** Resolves when the readers of both outputs have taken enough for more. */
  ready(): Promise<void>;
  /** Ends lines that the hosts left unfinished. */
  end(): void;
}

export interface HostWriterOptions {
  stdout: Output;
  stderr: Output;
  /** Several: each line begins with its host. */
  aliases: readonly string[];
  prefix(alias: string, padded: string): string;
}

/** A terminal must not act on what a host says; a file or a pipe gets it unchanged. */
const safe = (output: Output, text: string): string => (output.isTTY ? visibleControls(text) : text);

/** Also when the reader went away: nothing is written then anyway. */
const drained = (output: Output): Promise<unknown> =>
  Promise.race([once(output, 'drain'), once(output, 'close')]).catch(() => {});

/** Output of hosts as it comes: of one host unchanged, of several in whole lines with the host before each. */
export function hostWriter(options: HostWriterOptions): HostWriter {
  const { aliases, prefix } = options;
  const ready = async (): Promise<void> => {
    for (const output of [options.stdout, options.stderr])
      if (output.writableNeedDrain && !output.destroyed) await drained(output);
  };
  if (aliases.length === 1)
    return {
      write: (_alias, stream, text) => options[stream].write(safe(options[stream], text)),
      ready,
      end: () => {},
    };
  const widest = Math.max(...aliases.map((alias) => alias.length));
  const partial = new Map<string, { alias: string; stream: Stream; text: string }>();
  const line = (alias: string, stream: Stream, text: string) =>
    options[stream].write(`${prefix(alias, alias.padEnd(widest))} ${safe(options[stream], text)}\n`);
  return {
    ready,
    write(alias, stream, text) {
      const key = `${alias} ${stream}`;
      const lines = ((partial.get(key)?.text ?? '') + text).split('\n');
      const rest = lines.pop() ?? '';
      for (const whole of lines) line(alias, stream, whole);
      partial.set(key, { alias, stream, text: rest });
    },
    end() {
      for (const { alias, stream, text } of partial.values()) if (text !== '') line(alias, stream, text);
      partial.clear();
    },
  };
}
