import { ERROR_TABLE, type Failure, FlotillaError, isFlotillaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import { capText } from '../text/cap.ts';
import { fenceRemote } from '../text/visible.ts';
import type { ToolAnswer } from './answer.ts';
import { capValue, limitsOf, type Shaping, shapeText } from './shape.ts';

const MAX_MESSAGE = 4_000;
const MAX_REMOTE = 4_000;

/** An error as clients see it. */
export function failureOf(error: FlotillaError, now = Date.now()): Failure {
  return {
    error: true,
    code: error.code,
    message: error.message,
    details: error.details,
    hint: error.hint,
    timestamp: new Date(now).toISOString(),
  };
}

/** `CODE: message`, the hint, and what the host said, if it said something. */
export function failureText(failure: Failure): string {
  const lines = [`${failure.code}: ${capText(failure.message, MAX_MESSAGE).text}`];
  if (failure.hint !== '') lines.push(failure.hint);
  const remote = failure.details['remote'];
  if (typeof remote === 'string' && remote.trim() !== '')
    lines.push(fenceRemote(capText(remote, MAX_REMOTE).text, 'the host said'));
  return lines.join('\n');
}

export function answerForFailure(failure: Failure, shaping: Shaping): ToolAnswer {
  const redacted = shaping.redactor.value(failure);
  return {
    structuredContent: capValue(redacted, limitsOf(shaping)).value,
    content: [{ type: 'text', text: shapeText(failureText(redacted), shaping) }],
    isError: true,
  };
}

/** Any thrown value as one of the table; what is not a FlotillaError is logged whole and shown as INTERNAL. */
export function toFlotillaError(error: unknown, log: Logger, tool: string): FlotillaError {
  if (isFlotillaError(error)) {
    if (error.code === 'INTERNAL') log.error({ err: error, details: error.details, tool }, 'internal error');
    return error;
  }
  log.error({ err: error, tool }, 'a tool failed unexpectedly');
  return new FlotillaError('INTERNAL', `${tool} failed unexpectedly.`, { hint: ERROR_TABLE.INTERNAL.hint });
}
