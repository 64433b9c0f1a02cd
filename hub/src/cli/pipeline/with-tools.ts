import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import type { Cli } from '../cli.ts';
import type { OpenOptions } from '../open.ts';

const MOUNTS_MS = 5_000;

/** A hub whose mounts have connected: steps may be tools of any of them. */
export const withTools = <T>(
  cli: Cli,
  options: OpenOptions,
  use: (hub: Hub, base: ProcessBase) => Promise<T>,
): Promise<T> =>
  cli.withHub({ ...options, mounts: true }, async (hub, base) => {
    await hub.endpoint.settled(MOUNTS_MS);
    return use(hub, base);
  });
