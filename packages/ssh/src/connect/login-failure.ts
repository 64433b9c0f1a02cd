import { FlotillaError, type HostRecord } from '@flotilla/core';

export interface LoginReport {
  /** Methods the server said it takes; text of the server. */
  offered: readonly string[];
  tried: readonly string[];
  problems: readonly string[];
}

const METHODS = ['publickey', 'password', 'keyboard-interactive', 'hostbased', 'gssapi-with-mic'];

export function authFailed(record: HostRecord, report: LoginReport, remote?: string): FlotillaError {
  const { alias, host, port, user } = record;
  const offered = METHODS.filter((method) => report.offered.includes(method));
  const tried = report.tried.length > 0 ? report.tried.join(', ') : 'nothing';
  const takes = offered.length > 0 ? ` It takes: ${offered.join(', ')}.` : '';
  const problems = report.problems.length > 0 ? ` Problem: ${report.problems.join('; ')}.` : '';
  return new FlotillaError(
    'AUTH_FAILED',
    `${alias} did not let ${user} in. Tried: ${tried}.${takes}${problems}`,
    {
      details: {
        ...{ alias, host, port, user, offered, tried: [...report.tried], problems: [...report.problems] },
        ...(remote ? { remote: remote.slice(0, 500) } : {}),
      },
      hint: /too many/i.test(remote ?? '') ? TOO_MANY : hintFor(record, report, offered),
    },
  );
}

const TOO_MANY =
  'The SSH agent offers more keys than the server looks at: name the right key file for this host instead.';

function hintFor(record: HostRecord, { tried, problems }: LoginReport, offered: readonly string[]): string {
  const { alias, user } = record;
  const { keyPath, agentSocket, password } = record;
  const about = (text: string): boolean => problems.some((problem) => problem.includes(text));
  if (keyPath === undefined && agentSocket === undefined && password === undefined)
    return `No credential is stored for ${alias}: register it again with a key file, a password or an SSH agent (server_add).`;
  if (about('passphrase'))
    return `Register ${alias} again with the passphrase of its key, or use an SSH agent.`;
  if (about('one-time code')) return 'Use a key instead: two-factor logins need a person.';
  if (problems.length > 0) return `Correct this, then register ${alias} again with server_add.`;
  if (tried.length === 0) return `What is stored for ${alias} fits none of the methods this server takes.`;
  if (offered.includes('publickey') && tried.some((label) => label.startsWith('key file')))
    return `Check that the public key is in ~/.ssh/authorized_keys of ${user} there, and that ${user} is the right user.`;
  return `Check the user name ${user} and its password or key, then register ${alias} again with server_add.`;
}
