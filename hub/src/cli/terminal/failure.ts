import { type Failure, FlotillaError, failureOf, isFlotillaError, visibleControls } from '@flotilla/core';
import { exitCodeOf } from './exit-codes.ts';
import { forPeople } from './hints.ts';
import type { Terminal } from './terminal.ts';

/** `CODE: message`, what the remote side said, what to do; on stderr, or as JSON on stdout. Returns the exit code. */
export function reportFailure(terminal: Terminal, failure: Failure, json: boolean): number {
  if (json) terminal.json(failure);
  else {
    const { noteColor } = terminal;
    terminal.note(`${noteColor.red(failure.code)}: ${failure.message}`);
    const { remote } = failure.details;
    if (typeof remote === 'string' && remote.trim() !== '')
      terminal.note(noteColor.dim(visibleControls(remote).trimEnd().replace(/^/gm, '  | ')));
    if (failure.hint) terminal.note(noteColor.dim(forPeople(failure.hint)));
  }
  return exitCodeOf(failure.code);
}

export function asFailure(error: unknown): Failure {
  if (isFlotillaError(error)) return failureOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof Error && error.stack ? { stack: error.stack } : {};
  return failureOf(new FlotillaError('INTERNAL', message, { details }));
}

export const reportError = (terminal: Terminal, error: unknown, json: boolean): number =>
  reportFailure(terminal, asFailure(error), json);

export const asFlotillaCode = (error: unknown): string => (isFlotillaError(error) ? error.code : 'INTERNAL');
