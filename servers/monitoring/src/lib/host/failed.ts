import { type FailedHostRow, failedHostText } from '@flotilla/core';

interface Row {
  alias: string;
  state: string;
  error?: FailedHostRow['error'] | undefined;
}

/** The line of a host that has no value. */
export const failedText = ({ alias, state, error }: Row): string =>
  failedHostText({ alias, state, ...(error && { error }) });
