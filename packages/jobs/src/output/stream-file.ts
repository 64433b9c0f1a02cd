import type { StreamName } from '@flotilla/core';

/** File name of one stream inside its run's folder. Keys and aliases hold no slash and no `@`. */
export const streamFile = (of: { key: string; alias: string; attempt: number; stream: StreamName }): string =>
  `${of.key}@${of.alias}.${of.attempt}.${of.stream}`;
