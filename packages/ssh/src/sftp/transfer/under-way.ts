import type { TransferredPair } from '@flotilla/core';
import type { LocalRoots } from '../local/local-roots.ts';
import type { LocalTree } from '../local/local-tree.ts';
import type { Tally } from './tally.ts';

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
