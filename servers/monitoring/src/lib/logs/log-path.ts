import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { quote } from '@flotilla/ssh';

/** Files that root reads for a caller: logs, wherever `..` leads. Everything else is read as the login alone. */
export const isLogPath = (path: string): boolean => posix.normalize(path).startsWith('/var/log/');

export const asRootOnlyLogs = (alias: string, path: string): FlotillaError =>
  new FlotillaError('DENIED', 'As root only files below /var/log are read.', {
    details: { alias, path },
    hint: 'Leave sudo out, or use task_exec with sudo, which the command policy judges.',
  });

/** A path as one word of shell text: `~/` is the home of the login, and nothing is taken for an option. */
export function pathText(path: string): string {
  if (path.startsWith('~/')) return `"$HOME"/${quote(path.slice(2))}`;
  return quote(path.startsWith('-') ? `./${path}` : path);
}

export const NOT_A_LOG = 48;

/** Puts the path into $f. As root: where its symlinks lead, and only below /var/log (exit code 48 otherwise). */
export const fileVariable = (path: string, root: boolean): string =>
  root
    ? `f=${pathText(path)}; f=$(readlink -f -- "$f" 2>/dev/null || readlink -f "$f"); case "$f" in /var/log/*) ;; *) exit ${NOT_A_LOG};; esac`
    : `f=${pathText(path)}`;
