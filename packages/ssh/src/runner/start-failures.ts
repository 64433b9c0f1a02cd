import { FlotillaError } from '@flotilla/core';

/** The host did not start the command, and nothing of it is left there. */
export function refusal(alias: string, reason: string, cwd: string | undefined): FlotillaError {
  if (reason === 'cwd') {
    return new FlotillaError('NOT_FOUND', `There is no folder ${cwd} on ${alias} that its user may enter.`, {
      details: { alias, cwd, sent: false },
      hint: 'Give another working folder, or check its name and rights there. The command was not started.',
    });
  }
  return new FlotillaError('UNSUPPORTED', `${alias} cannot keep the files of a command.`, {
    details: { alias, reason, sent: false },
    hint: 'The home folder of its user must be writable and its disk must not be full.',
  });
}

/** The same failure, and whether anything may have reached the host. */
export function withSent(error: FlotillaError, sent: boolean): FlotillaError {
  return new FlotillaError(error.code, error.message, {
    details: { ...error.details, sent },
    hint: error.hint,
    cause: error,
  });
}
