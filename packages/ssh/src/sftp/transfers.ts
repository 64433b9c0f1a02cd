import { FlotillaError, isFlotillaError, type Transfer, type TransferPair } from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { LocalRoots } from './local/local-roots.ts';
import { fileError } from './map-error.ts';
import { pathBytes } from './paths.ts';
import { SftpClosedError, SftpStatusError } from './protocol/codes.ts';
import { downloadPair } from './transfer/download-pair.ts';
import { isFatal } from './transfer/faults.ts';
import { parallel } from './transfer/parallel.ts';
import { Tally } from './transfer/tally.ts';
import { TransferHost } from './transfer/transfer-host.ts';
import { uploadPair } from './transfer/upload-pair.ts';

/** Pairs of one request that are under way at the same time. */
const PAIRS = 4;

/** Files and folders between this machine and hosts, over the connections of the pool. */
export function createTransfers(links: HostLinks): Transfer {
  return async ({ alias, direction, files, access }, { signal, onProgress } = {}) => {
    const roots = await LocalRoots.of(access);
    const tally = new Tally(files, onProgress);
    const stop = signal ?? new AbortController().signal;
    const move = direction === 'upload' ? uploadPair : downloadPair;
    try {
      const host = await TransferHost.open(links, alias, stop);
      let clean = false;
      try {
        await parallel(files, PAIRS, async (asked, index) => {
          const pair = tally.pairs[index];
          if (!pair) return;
          try {
            await move(host, roots, asked, { tally, pair });
          } catch (error) {
            if (isFatal(error) || stop.aborted) throw error;
            const path = pathBytes(asked.remote);
            const shown =
              error instanceof SftpStatusError
                ? fileError(error, { alias, path, doing: 'Transferring' })
                : error;
            tally.fault(sourceOf(asked, direction), shown);
          }
        });
        clean = true;
      } finally {
        await host.close(clean);
      }
    } catch (error) {
      throw ended(error, alias, stop);
    }
    return tally.summary();
  };
}

const sourceOf = (pair: TransferPair, direction: 'upload' | 'download'): string =>
  direction === 'upload' ? pair.local : pair.remote;

/** What ended a whole transfer. */
function ended(error: unknown, alias: string, signal: AbortSignal): unknown {
  if (isFlotillaError(error)) return error;
  if (signal.aborted) return new FlotillaError('CANCELLED', 'The transfer was cancelled.', { cause: error });
  if (!(error instanceof SftpClosedError)) return error;
  return new FlotillaError('CONNECTION_FAILED', `The connection to ${alias} was lost during the transfer.`, {
    details: { alias, cause: error.message },
    hint: 'Start it again: what arrived is verified and not sent again.',
    cause: error,
  });
}
