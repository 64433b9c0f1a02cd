import type { FlotillaError, HostRecord } from '@flotilla/core';
import type { AnyAuthMethod } from 'ssh2';
import type { Credential, Credentials } from './credentials.ts';
import { authFailed } from './login-failure.ts';

/** Chooses the next login attempt (RFC 4252) and remembers what happened, for a useful error. */
export interface Login {
  /** `methodsLeft` is null before the server said what it takes. */
  next(methodsLeft: readonly string[] | null, partialSuccess: boolean | null): AnyAuthMethod | false;
  problem(text: string): void;
  failure(remote?: string): FlotillaError;
}

export function login(record: HostRecord, credentials: Credentials): Login {
  const problems = [...credentials.problems];
  const tried: string[] = [];
  const ask: Credential = {
    method: 'none',
    label: '',
    attempt: () => ({ type: 'none', username: record.user }),
  };
  let open = [...credentials.usable];
  let current: Credential | undefined;
  let offered: readonly string[] = [];
  let steps = 0;

  /** Without a key to try, the server is asked first: a password is sent once, by the method it takes. */
  function choose(methodsLeft: readonly string[] | null): Credential | undefined {
    if (methodsLeft === null) return open[0]?.method === 'publickey' ? open[0] : ask;
    return open.find((credential) => methodsLeft.includes(credential.method));
  }

  const problem = (text: string): void => {
    if (!problems.includes(text)) problems.push(text);
  };

  return {
    next(methodsLeft, partialSuccess) {
      if (methodsLeft) offered = methodsLeft;
      if (partialSuccess && steps++ < 4)
        open = credentials.usable.filter((credential) => credential !== current);
      current = choose(methodsLeft);
      if (!current) return false;
      const chosen = current;
      open = open.filter((credential) => !sameSecret(credential, chosen));
      if (chosen.label) tried.push(chosen.label);
      return chosen.attempt(problem);
    },
    problem,
    failure: (remote) => authFailed(record, { offered, tried, problems }, remote),
  };
}

/** Both password methods send the same password: a refused one is not sent again by the other. */
function sameSecret(one: Credential, other: Credential): boolean {
  const isPassword = (credential: Credential): boolean =>
    credential.method === 'password' || credential.method === 'keyboard-interactive';
  return one === other || (isPassword(one) && isPassword(other));
}
