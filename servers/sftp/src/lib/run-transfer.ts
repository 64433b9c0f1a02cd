import { FlotillaError, type JobContext, type TransferPair } from '@flotilla/core';
import { type TransferOutput, transferOutput } from './transfer-output.ts';

export type Direction = TransferOutput['direction'];

/** One transfer as a step that resumes when it is run again after a crash or a lost connection. */
export async function runTransfer(
  context: JobContext,
  alias: string,
  direction: Direction,
  files: readonly TransferPair[],
): Promise<TransferOutput> {
  if (direction === 'server_to_server') {
    throw new FlotillaError('UNSUPPORTED', 'Host to host is not built yet.', {
      hint: 'Download to a local folder first, then upload from there.',
    });
  }
  if (context.settings.readonly && direction === 'upload') {
    throw new FlotillaError('DENIED', 'Flotilla is set to read-only.');
  }
  const { localRoots, dataDir } = context.settings;
  const access = { roots: localRoots, dataDir };
  const summary = await context.step.repeatable(
    'transfer',
    (step) =>
      context.hosts.transfer(
        { alias, direction, files, access },
        {
          signal: step.signal,
          onProgress: ({ bytes, totalBytes, files: done, totalFiles, current }) =>
            step.progress({
              progress: bytes,
              total: totalBytes,
              message: `${done}/${totalFiles} files${current === undefined ? '' : `, ${current}`}`,
            }),
        },
      ),
    { alias, retry: { maxAttempts: 4, backoffMs: 1000, maxBackoffMs: 15_000 } },
  );
  return transferOutput(alias, direction, summary);
}
