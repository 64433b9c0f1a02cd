import type { Hosts, RemotePath, ShellOptions, ShellResult } from '@flotilla/core';

/** Reads the path from standard input into $p, whatever bytes it holds; `-` never begins an option. */
const READ_PATH = `p=$(cat; printf .); p=\${p%.}; case $p in -*) p=./$p;; esac`;

/** Runs a script on one path, given as `$p`. The path travels as input, so nothing in it is ever shell text. */
export function withPath(
  hosts: Hosts,
  alias: string,
  path: RemotePath,
  script: string,
  options: Omit<ShellOptions, 'stdin'> = {},
): Promise<ShellResult> {
  const stdin = typeof path === 'string' ? plainBytes(path) : path;
  return hosts.shell(alias, `${READ_PATH}\n${script}`, { ...options, stdin });
}

/** The bytes of a path in text form: `~/` is the login folder, `bytes:` is percent-encoded. */
export function plainBytes(path: string): Buffer {
  if (path.startsWith('bytes:')) {
    const latin1 = path
      .slice(6)
      .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(latin1, 'latin1');
  }
  if (path === '~' || path === '~/') return Buffer.from('.');
  return Buffer.from(path.startsWith('~/') ? path.replace(/^~\/+/, './') : path);
}
