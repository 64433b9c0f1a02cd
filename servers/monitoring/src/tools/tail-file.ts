import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  fenceRemote,
  formatBytes,
  HostTarget,
  hostRowSchema,
  type JobContext,
  rowsText,
  targetText,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { isoTime } from '../lib/host/numbers.ts';
import { asRoot, PRELUDE } from '../lib/host/read-host.ts';
import { sectionMarks } from '../lib/host/sections.ts';
import { followArguments } from '../lib/logs/arguments.ts';
import { followFile, followOn } from '../lib/logs/follow.ts';
import { asRootOnlyLogs, isLogPath } from '../lib/logs/log-path.ts';
import { parseTail, tailRefusal, tailScript } from '../lib/logs/tail.ts';

const LINE_CHARACTERS = 4000;
/** Of all hosts together. */
const ANSWER_BYTES = 256 * 1024;

const Tail = z.object({
  filepath: z.string(),
  lines: z.array(z.string()),
  size: z.number().optional().describe('Bytes of the file'),
  modified: z.string().optional(),
  binary: z.boolean().optional().describe('It is no text, so no lines are shown'),
  truncated: z.boolean().optional().describe('The lines were longer than is shown'),
  rotated: z.array(z.string()).optional().describe('Older parts of this log'),
  followedBytes: z.number().optional(),
});
type Tail = z.infer<typeof Tail>;

interface Query {
  filepath: string;
  lines: number;
  grep?: string | undefined;
  regex: boolean;
  sudo?: boolean | undefined;
  followSeconds: number;
}

async function follow(job: JobContext, alias: string, query: Query): Promise<Tail> {
  const { filepath, lines, grep, regex, sudo = false, followSeconds: seconds } = query;
  if (sudo && !isLogPath(filepath)) throw asRootOnlyLogs(alias, filepath);
  const filter = { text: grep, regex, caseSensitive: true };
  const command = followFile({ path: filepath, root: sudo, lines }, filter);
  const { text, bytes } = await followOn(job, alias, command, { seconds, sudo });
  const found = text === '' ? [] : shown(text.replace(/\n$/, '').split('\n'));
  return { filepath, lines: found, followedBytes: bytes };
}

async function look(job: JobContext, alias: string, input: Query, hosts: number): Promise<Tail> {
  const { filepath, lines, grep, regex, sudo = false } = input;
  const marks = sectionMarks();
  const maxBytes = Math.floor(ANSWER_BYTES / hosts);
  const query = { path: filepath, root: sudo, lines, text: grep, regex, maxBytes };
  const script = `${PRELUDE}\n${tailScript(query, marks)}`;
  const result = await (sudo
    ? asRoot(job, alias, script)
    : job.hosts.shell(alias, script, { signal: job.signal }));
  const refusal = tailRefusal(result, alias, filepath);
  if (refusal) throw refusal;
  const tail = parseTail(marks.parse(result.stdout), query);
  const modified = isoTime((tail.modified ?? 0) * 1000);
  return {
    filepath,
    lines: shown(tail.lines),
    size: tail.size,
    ...(modified !== undefined && { modified }),
    ...(tail.binary && { binary: true }),
    ...(tail.truncated && { truncated: true }),
    ...(tail.rotated.length > 0 && { rotated: tail.rotated }),
  };
}

function tailText(tail: Tail & { alias: string }, grep: string | undefined): string {
  const { alias, filepath, lines, size, binary, rotated, followedBytes } = tail;
  const name = `${alias}:${filepath}`;
  if (followedBytes !== undefined)
    return `${name}: ${formatBytes(followedBytes)} while following\n${fenceRemote(lines.join('\n'), name)}`;
  if (binary)
    return `${name} is binary, ${formatBytes(size ?? 0)}: task_transfer it, or file_read with encoding base64.`;
  const older = rotated ? `\nOlder parts: ${rotated.map((path) => JSON.stringify(path)).join(', ')}` : '';
  if (lines.length === 0)
    return `${name}: ${size === 0 ? 'empty' : grep === undefined ? 'no lines' : 'no line contains that'}${older}`;
  return `${name}, ${formatBytes(size ?? 0)}, last ${lines.length} lines${grep === undefined ? '' : ' that match'}\n${fenceRemote(lines.join('\n'), name)}${older}`;
}

const shown = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    visibleControls(
      line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}… (${line.length} characters)` : line,
    ),
  );

export const tailFile = defineTool({
  name: 'tail_file',
  title: 'End of a file',
  description:
    'The last lines of a file on a host, or on each of many, also of .gz, .xz and .zst, optionally only those that contain a text. ' +
    'follow: true keeps reading for followSeconds as a run, across rotation (task_output shows what comes, task_cancel ends it). ' +
    'Use log_search to look through journal, containers and many files at once, file_read for ranges of a file.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
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
    ...followArguments,
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(Tail.shape)) }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    inline: ({ follow }) => !follow,
    summary: ({ alias, filepath, followSeconds }) =>
      `${targetText(alias)}: follow ${filepath.slice(0, 100)} for ${followSeconds} s`,
  },
  run: async (job, input) => {
    const hosts = job.hosts.resolve(input.alias).length;
    const of = (alias: string) => (input.follow ? follow(job, alias, input) : look(job, alias, input, hosts));
    return { rows: await eachHost(job, input, of) };
  },
  text: ({ rows }, { grep }) => rowsText<Tail>(rows, (tail) => tailText(tail, grep)),
});
