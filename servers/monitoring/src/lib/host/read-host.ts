import { isFlotillaError, type ShellOptions, type ShellResult, type ToolContext } from '@flotilla/core';

export type HostContext = Pick<ToolContext, 'hosts' | 'signal'>;

/** What every read script starts with: the folders of system programs, and words in one language. */
export const PRELUDE = `export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
T=; command -v timeout >/dev/null 2>&1 && timeout 1 true 2>/dev/null && T='timeout 10'`;

/**
 * Runs a script as root. It travels as input: sudo writes the whole command line to the host's log, which must neither
 * fill up with scripts nor find them when it is searched. UNSUPPORTED where the host is not set up for sudo.
 */
export const asRoot = (
  { hosts, signal }: HostContext,
  alias: string,
  script: string,
  options: Omit<ShellOptions, 'sudo' | 'signal' | 'stdin'> = {},
): Promise<ShellResult> =>
  hosts.shell(alias, 'eval "$(cat)" </dev/null', { ...options, signal, sudo: true, stdin: script });

/** Runs a read script as root where the host's record allows that, otherwise as the login. */
export async function readHost(
  context: HostContext,
  alias: string,
  script: string,
  options: Omit<ShellOptions, 'sudo' | 'signal' | 'stdin'> = {},
): Promise<ShellResult> {
  const text = `${PRELUDE}\n${script}`;
  try {
    return await asRoot(context, alias, text, options);
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'UNSUPPORTED') throw error;
    return context.hosts.shell(alias, text, { ...options, signal: context.signal });
  }
}
