import { type CommandStepResult, FlotillaError, visibleControls } from '@flotilla/core';
import { hideInText } from './secret-values.ts';

/** What a command of compose said last, fit to be shown. */
export const saidBy = (text: string): string =>
  visibleControls(hideInText(text.slice(-8_000)).slice(-2_000)).trim();

/** Throws when the command failed: COMMAND_TIMEOUT, or CONFLICT with its words. */
export function requireDone(alias: string, what: string, result: CommandStepResult, timeoutMs: number): void {
  if (result.exitCode === 0) return;
  const details = { alias, exitCode: result.exitCode, remote: saidBy(result.stderr.text) };
  if (result.timedOut)
    throw new FlotillaError('COMMAND_TIMEOUT', `${what} took longer than ${timeoutMs / 1000} s.`, {
      details,
    });
  throw new FlotillaError('CONFLICT', `${what} failed.`, {
    details,
    hint: 'Its words are in details.remote.',
  });
}
