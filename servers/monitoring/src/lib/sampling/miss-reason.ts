import { isFlotillaError } from '@flotilla/core';

export type MissReason = 'auth' | 'host_key' | 'net' | 'timeout' | 'unsupported' | 'error';

const REASONS: Readonly<Record<string, MissReason>> = {
  AUTH_FAILED: 'auth',
  HOST_KEY_MISMATCH: 'host_key',
  CONNECTION_FAILED: 'net',
  COMMAND_TIMEOUT: 'timeout',
  TIMEOUT: 'timeout',
  UNSUPPORTED: 'unsupported',
};

const MAX_DETAIL = 300;

/** Why a look gave nothing, in one word and one sentence. */
export function missReason(error: unknown): { reason: MissReason; detail: string } {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, MAX_DETAIL);
  return { reason: (isFlotillaError(error) && REASONS[error.code]) || 'error', detail };
}
