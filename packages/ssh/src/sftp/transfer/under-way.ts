import type { TransferPair, TransferredPair } from '@flotilla/core';
import type { LocalRoots } from '../local/local-roots.ts';
import type { LocalTree } from '../local/local-tree.ts';
import type { Tally } from './tally.ts';
import type { TransferHost } from './transfer-host.ts';

/** Moves one pair. Faults of single files go to the tally; rejects when the pair as a whole cannot be done. */
export type MovePair = (
  host: TransferHost,
  roots: LocalRoots,
  asked: TransferPair,
  books: { tally: Tally; pair: TransferredPair },
) => Promise<void>;

/** A pair that is being sent. */
export interface Uploading {
  tree: LocalTree;
  /** The remote folder that every `target` of the plan starts at. */
  root: Buffer;
  tally: Tally;
  pair: TransferredPair;
}

/** A pair that is being received. */
export interface Downloading {
  /** The remote folder that every `relative` of the plan starts at. */
  root: Uint8Array;
  /** Writable; every `target` of the plan starts there. */
  tree: LocalTree;
  roots: LocalRoots;
  tally: Tally;
  pair: TransferredPair;
}
