import { createInterface } from 'node:readline';
import { FlotillaError, formatBytes, type Progress, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';

const Line = z.looseObject({
  status: z.string().nullish(),
  id: z.string().nullish(),
  error: z.string().nullish(),
  stream: z.string().nullish(),
  progressDetail: z.looseObject({ current: z.number().nullish(), total: z.number().nullish() }).nullish(),
  aux: z.looseObject({ Digest: z.string().nullish() }).nullish(),
});
type Line = z.infer<typeof Line>;

const NO_LOGIN = Buffer.from('{}').toString('base64');

export interface Transferred {
  /** What the engine said last, e.g. `Status: Image is up to date for nginx:1`. */
  status: string;
  digest?: string;
}

/** Reads the progress of a pull or push until its end. Throws what the engine reports in the middle of it. */
export async function followTransfer(
  engine: Engine,
  path: string,
  call: { query: Record<string, string | undefined>; signal: AbortSignal; auth: string | undefined },
  progress: (update: Progress) => void,
): Promise<Transferred> {
  const { query, signal, auth = NO_LOGIN } = call;
  const headers = { 'X-Registry-Auth': auth };
  const body = await engine.stream(path, { method: 'POST', headers, timeoutMs: 120_000, query, signal });
  const layers = new Map<string, { current: number; total: number }>();
  let last: Transferred = { status: '' };
  try {
    for await (const text of createInterface({ input: body })) {
      const line = parseLine(text);
      if (line?.error) throw transferFailed(engine.alias, line.error);
      if (!line) continue;
      last = noteLine(last, line);
      const { current, total } = line.progressDetail ?? {};
      if (line.id && current && total && total >= current) layers.set(line.id, { current, total });
      progress(sum(layers, line));
    }
  } finally {
    body.destroy();
  }
  return last;
}

function parseLine(text: string): Line | undefined {
  if (text.trim() === '' || text.length > 1_000_000) return undefined;
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function noteLine(last: Transferred, { status, id, aux }: Line): Transferred {
  const said =
    /(?:digest: |Digest: )(sha256:[0-9a-f]{64})/.exec(status ?? '')?.[1] ?? aux?.Digest ?? undefined;
  return {
    status: status && !id ? visibleControls(status.slice(0, 500)) : last.status,
    ...((said ?? last.digest) && { digest: said ?? last.digest }),
  } as Transferred;
}

function sum(layers: ReadonlyMap<string, { current: number; total: number }>, { status }: Line): Progress {
  const all = [...layers.values()];
  const done = all.reduce((bytes, { current }) => bytes + current, 0);
  const total = all.reduce((bytes, layer) => bytes + layer.total, 0);
  const what = visibleControls((status ?? '').slice(0, 200));
  if (total === 0) return { progress: 0, message: what };
  return { progress: done, total, message: `${what} ${formatBytes(done)} of ${formatBytes(total)}` };
}

function transferFailed(alias: string, words: string): FlotillaError {
  const remote = visibleControls(words.slice(0, 2_000));
  const details = { alias, remote };
  if (/unauthorized|authentication required|denied|no basic auth/i.test(words))
    return new FlotillaError('DENIED', 'The registry wants a login, or has no such image for this one.', {
      details,
      hint: 'Log in on the host: docker login REGISTRY.',
    });
  if (/not found|manifest unknown|does not exist|no such host/i.test(words))
    return new FlotillaError('NOT_FOUND', 'The registry does not have that image.', {
      details,
      hint: 'Check name, tag and platform.',
    });
  if (/no space left/i.test(words))
    return new FlotillaError('STORAGE_FULL', 'The disk of the host is full.', {
      details,
      hint: 'See docker_df and docker_prune.',
    });
  return new FlotillaError('SERVER_UNAVAILABLE', 'The registry did not give or take the image.', { details });
}
