import { defineTool, fenceRemote, formatBytes, HostAlias, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import { isoTime } from '../lib/host/numbers.ts';
import { asRoot, PRELUDE } from '../lib/host/read-host.ts';
import { sectionMarks } from '../lib/host/sections.ts';
import { followFile, followOn } from '../lib/logs/follow.ts';
import { asRootOnlyLogs, isLogPath } from '../lib/logs/log-path.ts';
import { parseTail, tailRefusal, tailScript } from '../lib/logs/tail.ts';

const LINE_CHARACTERS = 4000;

export const tailFile = defineTool({
  name: 'tail_file',
  title: 'End of a file',
  description:
    'The last lines of a file on a host, also of .gz, .xz and .zst, optionally only those that contain a text. ' +
    'follow: true keeps reading for followSeconds as a run, across rotation (task_output shows what comes, task_cancel ends it). ' +
    'Use log_search to look through journal, containers and many files at once, file_read for ranges of a file.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    filepath: z.string().min(1).max(4096).describe('Path of the file; ~/ is the home of the login'),
    lines: z.number().int().min(1).max(5000).default(50).describe('Lines from the end, 1–5000'),
    grep: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Only lines that contain this text, exactly as written'),
    regex: z.boolean().default(false).describe('grep is an extended regular expression (grep -E)'),
    sudo: z
      .boolean()
      .optional()
      .describe('Read as root, where the host allows it; only files below /var/log'),
    follow: z.boolean().default(false).describe('Keep reading, as a run'),
    followSeconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('How long to follow, in seconds'),
  }),
  output: z.object({
    alias: z.string(),
    filepath: z.string(),
    lines: z.array(z.string()),
    size: z.number().optional().describe('Bytes of the file'),
    modified: z.string().optional(),
    binary: z.boolean().optional().describe('It is no text, so no lines are shown'),
    truncated: z.boolean().optional().describe('The lines were longer than is shown'),
    rotated: z.array(z.string()).optional().describe('Older parts of this log'),
    followedBytes: z.number().optional(),
  }),
  job: {
    timeoutMs: 0,
    inline: ({ follow }) => !follow,
    summary: ({ alias, filepath, followSeconds }) =>
      `${alias}: follow ${filepath.slice(0, 100)} for ${followSeconds} s`,
  },
  run: async (context, { alias, filepath, lines, grep, regex, sudo, follow, followSeconds }) => {
    if (follow) {
      if (sudo && !isLogPath(filepath)) throw asRootOnlyLogs(alias, filepath);
      const command = followFile(
        { path: filepath, root: sudo === true, lines },
        { text: grep, regex, caseSensitive: true },
      );
      const { text, bytes } = await followOn(context, alias, command, {
        seconds: followSeconds,
        sudo: sudo === true,
      });
      return {
        alias,
        filepath,
        lines: text === '' ? [] : shown(text.replace(/\n$/, '').split('\n')),
        followedBytes: bytes,
      };
    }
    const marks = sectionMarks();
    const script = `${PRELUDE}\n${tailScript({ path: filepath, root: sudo === true, lines, text: grep, regex }, marks)}`;
    const result = await (sudo
      ? asRoot(context, alias, script)
      : context.hosts.shell(alias, script, { signal: context.signal }));
    const refusal = tailRefusal(result, alias, filepath);
    if (refusal) throw refusal;
    const tail = parseTail(marks.parse(result.stdout));
    const modified = isoTime((tail.modified ?? 0) * 1000);
    return {
      alias,
      filepath,
      lines: shown(tail.lines),
      size: tail.size,
      ...(modified !== undefined && { modified }),
      ...(tail.binary && { binary: true }),
      ...(tail.truncated && { truncated: true }),
      ...(tail.rotated.length > 0 && { rotated: tail.rotated }),
    };
  },
  text: (output, { grep }) => {
    const { alias, filepath, lines, size, binary, rotated, followedBytes } = output;
    const name = `${alias}:${filepath}`;
    if (followedBytes !== undefined)
      return `${name}: ${formatBytes(followedBytes)} while following\n${fenceRemote(lines.join('\n'), name)}`;
    if (binary)
      return `${name} is binary, ${formatBytes(size ?? 0)}: task_transfer it, or file_read with encoding base64.`;
    const older = rotated ? `\nOlder parts: ${rotated.map((path) => JSON.stringify(path)).join(', ')}` : '';
    if (lines.length === 0)
      return `${name}: ${size === 0 ? 'empty' : grep === undefined ? 'no lines' : 'no line contains that'}${older}`;
    return `${name}, ${formatBytes(size ?? 0)}, last ${lines.length} lines${grep === undefined ? '' : ' that match'}\n${fenceRemote(lines.join('\n'), name)}${older}`;
  },
});

const shown = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    visibleControls(
      line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}… (${line.length} characters)` : line,
    ),
  );
