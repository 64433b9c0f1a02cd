import type { StreamName } from '@flotilla/core';
import { conversation } from '../channel/conversation.ts';
import type { FastChannel } from '../channel/fast-channel.ts';
import type { RunReport } from './state-file.ts';

export interface ChunkRequest {
  id: string;
  stream: StreamName;
  from: number;
  length: number;
}

/** Asks a host about runs: one message, one answer, however many they are. */
export function queryRuns(channel: FastChannel, ids: readonly string[]): Promise<Map<string, RunReport>> {
  const reports = new Map<string, RunReport>();
  let current: { text: string; id: string; state: string } | undefined;
  let sizes = '';
  return conversation(channel, `f_query ${ids.join(' ')}`, {
    frame: (words) => {
      if (words[0] === 'run') current = { id: words[1] ?? '', state: words[2] ?? '', text: '' };
      if (words[0] === 'done' && current !== undefined) {
        if (current.id === '-') sizes = current.text;
        else reports.set(current.id, report(current));
        current = undefined;
      }
      return words[0] === 'asked';
    },
    data: (chunk) => {
      if (current !== undefined && current.text.length < 1_000_000) current.text += chunk.toString('utf8');
    },
  }).then(() => {
    applySizes(reports, sizes);
    return reports;
  });
}

/** Bytes of one stream of a run; fewer than asked for when it has no more. */
export async function readChunk(channel: FastChannel, request: ChunkRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let reading = false;
  const suffix = request.stream === 'stdout' ? 'o' : 'e';
  await conversation(channel, `f_read_output ${request.id} ${suffix} ${request.from} ${request.length}`, {
    frame: (words) => {
      if (words[0] === 'chunk') reading = true;
      return words[0] === 'done' && words[1] === request.id;
    },
    data: (chunk) => {
      if (reading) chunks.push(Buffer.from(chunk));
    },
  });
  return Buffer.concat(chunks);
}

function report(current: { text: string; id: string; state: string }): RunReport {
  return {
    id: current.id,
    present: current.state !== 'absent',
    alive: current.state === 'alive',
    // A line without its newline is still being written.
    lines: current.text.split('\n').slice(0, -1),
    stdoutBytes: 0,
    stderrBytes: 0,
  };
}

/** `ls -ln`: mode, links, uid, gid, size, three words of time, name. */
function applySizes(reports: Map<string, RunReport>, listing: string): void {
  for (const line of listing.split('\n')) {
    const words = line.trim().split(/\s+/);
    const name = words.at(-1) ?? '';
    const size = Number(words[4]);
    const found = reports.get(name.slice(0, -2));
    if (found === undefined || !Number.isSafeInteger(size)) continue;
    if (name.endsWith('.o')) found.stdoutBytes = size;
    if (name.endsWith('.e')) found.stderrBytes = size;
  }
}
