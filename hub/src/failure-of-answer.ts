import { ERROR_CODES, type Failure, FlotillaError, type ToolAnswer } from '@flotilla/core';

/** The failure that an answer of a server in another process carries, as the error it was there. */
export function failureOfAnswer({ structuredContent, isError }: ToolAnswer): FlotillaError | undefined {
  const failure = structuredContent as Failure | undefined;
  if (isError !== true || failure?.error !== true) return undefined;
  const code = ERROR_CODES.find((one) => one === failure.code) ?? 'INTERNAL';
  return new FlotillaError(code, failure.message, { details: failure.details, hint: failure.hint });
}
