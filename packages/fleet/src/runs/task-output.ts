import { type AnyTool, defineTool, fenceRemote, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import type { RunToolsDeps } from './deps.ts';
import { runFor } from './run-access.ts';
import { RunId } from './run-id.ts';

const StreamWord = z.enum(['stdout', 'stderr']);

const Output = z.object({
  id: z.string(),
  streams: z.array(
    z.object({
      step: z.string(),
      alias: z.string(),
      stream: StreamWord,
      bytes: z.number(),
      complete: z.boolean().describe('It will not grow'),
      removed: z.boolean().optional().describe('Removed after its retention time'),
    }),
  ),
  step: z.string().optional(),
  alias: z.string().optional(),
  stream: StreamWord.optional(),
  offset: z.number().optional(),
  nextOffset: z.number().optional().describe('Offset of the next byte; call again with it'),
  complete: z
    .boolean()
    .optional()
    .describe('The end was read: there is nothing after nextOffset, and never will be'),
  text: z.string().optional(),
  matches: z
    .array(
      z.object({
        step: z.string(),
        alias: z.string(),
        stream: StreamWord,
        offset: z.number(),
        line: z.string(),
      }),
    )
    .optional(),
});

type Output = z.output<typeof Output>;

function others(out: Output): string {
  const rest = out.streams.filter(
    (one) =>
      one.bytes > 0 && !(one.step === out.step && one.alias === out.alias && one.stream === out.stream),
  );
  if (rest.length === 0) return '';
  const rows = rest.slice(0, 20).map((one) => [one.alias, one.step, one.stream, String(one.bytes)]);
  return `\nOther output:\n${textTable(['host', 'step', 'stream', 'bytes'], rows)}${rest.length > 20 ? `\n… and ${rest.length - 20} more` : ''}`;
}

function rendered(out: Output): string {
  if (out.matches) {
    if (out.matches.length === 0) return 'No line matches.';
    const rows = out.matches.map((match) => `${match.alias} ${match.stream} ${match.offset}: ${match.line}`);
    return `${out.matches.length} lines; read around one with its offset\n${fenceRemote(rows.join('\n'), 'matching lines')}`;
  }
  if (out.text === undefined)
    return out.streams.some((one) => one.removed)
      ? 'The output was removed after its retention time.'
      : 'No output.';
  const { alias, stream, offset, nextOffset, complete } = out;
  const more = complete ? 'That is the end.' : `More: offset ${nextOffset}`;
  const head = `${alias} ${stream}, bytes ${offset}–${nextOffset}. ${more}`;
  const body = out.text === '' ? 'Nothing there yet.' : fenceRemote(out.text, `${stream} of ${alias}`);
  return `${head}\n${body}${others(out)}`;
}

export function taskOutput(deps: RunToolsDeps): AnyTool {
  return defineTool({
    name: 'task_output',
    title: 'Output of a run',
    description:
      'Reads any part of what a run printed, also while it goes on: `offset` and `limit` count bytes of one stream of one host. ' +
      'Without `alias` and `stream` it reads the first stream that is not empty and lists the others. ' +
      '`search` answers with the lines that contain a text and their offsets.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      id: RunId,
      alias: HostAlias.optional(),
      stream: StreamWord.optional().describe('Default: the first that is not empty'),
      offset: z.number().int().min(0).default(0).describe('First byte, from 0'),
      limit: z
        .number()
        .int()
        .min(1)
        .max(262_144)
        .default(32_768)
        .describe('Most bytes, 1–262,144; a single longer character comes whole'),
      search: z.string().min(1).max(200).optional().describe('Plain text, any case'),
    }),
    output: Output,
    run: async ({ principal }, { id, alias, stream, offset, limit, search }) => {
      runFor(deps, principal, id, 'read');
      const { streams, read, matches } = deps.engine.output(id, {
        offset,
        limit,
        ...(alias !== undefined && { alias }),
        ...(stream !== undefined && { stream }),
        ...(search !== undefined && { search }),
      });
      return { id, streams, ...(matches ? { matches } : read) };
    },
    text: rendered,
  });
}
