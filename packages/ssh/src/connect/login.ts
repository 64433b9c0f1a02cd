import { FlotillaError, type HostRecord } from '@flotilla/core';
import type { AnyAuthMethod, AuthenticationType } from 'ssh2';
import type { Credential, Credentials } from './credentials.ts';

/** Chooses the next login attempt (RFC 4252) and remembers what happened, for a useful error. */
export interface Login {
  next(
    methodsLeft: readonly AuthenticationType[] | null,
    partialSuccess: boolean | null,
  ): AnyAuthMethod | false;
  problem(text: string): void;
  failure(remote?: string): FlotillaError;
}

export function login(record: HostRecord, credentials: Credentials): Login {
  const problems = [...credentials.problems];
  const tried: string[] = [];
  let open: Credential[] = [...credentials.usable];
  let current: Credential | undefined;
  let offered: readonly string[] = [];
  if (open.length === 0)
    open = [{ method: 'none', label: 'no credential', attempt: { type: 'none', username: record.user } }];
  return {
    next(methodsLeft, partialSuccess) {
      if (methodsLeft) offered = methodsLeft;
      if (partialSuccess) open = credentials.usable.filter((credential) => credential !== current);
      current = open.find((credential) => methodsLeft === null || offered.includes(credential.method));
      if (current === undefined) return false;
      open = open.filter((credential) => credential !== current);
      tried.push(current.label);
      return current.attempt;
    },
    problem: (text) => void problems.push(text),
    failure: (remote) => authFailed(record, { offered, tried, problems }, remote),
  };
}

interface LoginReport {
  offered: readonly string[];
  tried: readonly string[];
  problems: readonly string[];
}

function authFailed(record: HostRecord, report: LoginReport, remote?: string): FlotillaError {
  const tried = report.tried.length > 0 ? report.tried.join(', ') : 'nothing';
  const problems = report.problems.length > 0 ? ` ${report.problems.join('. ')}.` : '';
  return new FlotillaError(
    'AUTH_FAILED',
    `${record.alias} refused the login of ${record.user}; tried: ${tried}.${problems}`,
    {
      details: {
        alias: record.alias,
        host: record.host,
        port: record.port,
        user: record.user,
        offered: [...report.offered],
        tried: [...report.tried],
        problems: [...report.problems],
        ...(remote ? { remote } : {}),
      },
    },
  );
}
