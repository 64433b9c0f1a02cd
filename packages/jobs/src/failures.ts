import { type Failure, FlotillaError, failureOf, isFlotillaError, type Redactor } from '@flotilla/core';

export const failureJson = (error: FlotillaError, redactor: Redactor | undefined, now: number): string => {
  const failure = failureOf(error, now);
  return JSON.stringify(redactor?.value(failure) ?? failure);
};

export const parseFailure = (json: string): Failure => JSON.parse(json) as Failure;

export function errorFromFailure(json: string): FlotillaError {
  const { code, message, details, hint } = parseFailure(json);
  return new FlotillaError(code, message, { details, hint });
}

/** Anything thrown, as an error of the table. */
export function asError(cause: unknown): FlotillaError {
  if (isFlotillaError(cause)) return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new FlotillaError('INTERNAL', 'It failed unexpectedly.', { details: { cause: words }, cause });
}
