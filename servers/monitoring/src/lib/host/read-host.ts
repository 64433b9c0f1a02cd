import { isFlotillaError, type ShellOptions, type ShellResult, type ToolContext } from '@flotilla/core';

export type HostContext = Pick<ToolContext, 'hosts' | 'signal'>;

/** What every read script starts with: the folders of system programs, and words in one language. */
export const PRELUDE = `export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
T=; command -v timeout >/dev/null 2>&1 && timeout 1 true 2>/dev/null && T='timeout 10'`;

/** Runs a read script as root where the host's record allows that, otherwise as the login. */
export async function readHost(
  { hosts, signal }: HostContext,
  alias: string,
  script: string,
  options: Omit<ShellOptions, 'sudo' | 'signal'> = {},
): Promise<ShellResult> {
  const text = `${PRELUDE}\n${script}`;
  try {
    return await hosts.shell(alias, text, { ...options, signal, sudo: true });
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'UNSUPPORTED') throw error;
    return hosts.shell(alias, text, { ...options, signal });
  }
}
