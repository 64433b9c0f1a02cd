import { type ContainerDetails, containerPath } from '../containers/details.ts';
import type { Engine } from '../engine/index.ts';
import { type LastLines, lastLines } from './last-lines.ts';

export interface LogQuery {
  lines: number;
  /** Epoch seconds. */
  since?: number | undefined;
  timestamps?: boolean;
  /** Case is ignored. */
  search?: string | undefined;
}

/** With `search` this many lines are looked through from the end. */
const SEARCHED_LINES = 200_000;
/** Engines keep a line above 16 KiB in pieces and count those: so many are asked for beyond the wanted lines. */
const PIECES = 256;

/** The newest log lines of a container. UNSUPPORTED and the like when its log driver keeps nothing readable. */
export async function readLogs(
  engine: Engine,
  details: Pick<ContainerDetails, 'Id' | 'Config'>,
  query: LogQuery,
  signal?: AbortSignal,
): Promise<LastLines> {
  const search = query.search?.toLowerCase();
  const body = await engine.stream(containerPath(details.Id, '/logs'), {
    query: {
      stdout: true,
      stderr: true,
      tail: search === undefined ? query.lines + PIECES : SEARCHED_LINES,
      since: query.since,
      timestamps: query.timestamps === true,
    },
    signal,
  });
  try {
    const stopping = setTimeout(() => body.destroy(new Error('the log took too long')), 60_000);
    try {
      const found = await lastLines(body, details.Config.Tty === true, {
        lines: query.lines,
        ...(search !== undefined && { matches: (line) => line.toLowerCase().includes(search) }),
      });
      const count = found.lines.length;
      return search === undefined ? { ...found, scanned: count, matched: count } : found;
    } finally {
      clearTimeout(stopping);
    }
  } finally {
    body.destroy();
  }
}
