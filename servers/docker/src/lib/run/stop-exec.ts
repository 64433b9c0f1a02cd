import { isFlotillaError, type JobContext } from '@flotilla/core';
import { type Engine, withEngine } from '../engine/index.ts';
import { type ExecResult, execByApi } from './exec-api.ts';
import { EXEC_MARK } from './exec-command.ts';

const LIMIT_MS = 20_000;

/**
 * Ends whatever has the mark `$1` in its environment: TERM, up to five seconds, KILL; prints how many were found and how
 * many are left. Only what every sh has, since containers lack much. Neither sh of Debian nor of busybox keeps NULs of
 * what it reads, so the variables of a process are one long line.
 */
const SCRIPT = `
marked() {
  pids=
  for file in /proc/[0-9]*/environ; do
    pid=\${file#/proc/}; pid=\${pid%/environ}
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in *"$1"*) pids="$pids $pid"; break;; esac
    done 2>/dev/null <"$file"
  done
}
marked "$1"; set -- "$1" $pids; found=$(($# - 1))
for signal in TERM 0 0 0 0 KILL KILL; do
  [ -n "$pids" ] || break
  kill -$signal $pids 2>/dev/null
  sleep 1
  marked "$1"
done
set -- $pids; echo "$found $#"`;

export type Stopped = 'stopped' | 'left' | 'unknown';

/**
 * Ends what an exec started in its container, also its background children; `mark`: as execCommand was given it. `unknown`
 * where the container has no sh, or runs no more. Sees only processes of the same user.
 */
export async function stopExec(
  engine: Engine,
  { container, user, mark }: { container: string; user?: string | undefined; mark: string },
  signal: AbortSignal,
): Promise<Stopped> {
  const cmd = ['sh', '-c', SCRIPT, 'sh', `${EXEC_MARK}=${mark}`];
  const said = await execByApi(engine, { container, cmd, user }, signal).catch((error: unknown) => {
    if (isFlotillaError(error)) return { exitCode: null, stdout: '' };
    throw error;
  });
  return judged(said);
}

function judged({ exitCode, stdout }: Pick<ExecResult, 'exitCode' | 'stdout'>): Stopped {
  const [, left] = /^\d+ (\d+)\n$/.exec(stdout) ?? [];
  if (exitCode !== 0 || left === undefined) return 'unknown';
  return left === '0' ? 'stopped' : 'left';
}

/** For a run that was cancelled or is out of time: on a signal of its own. */
export async function stopExecOf(
  job: Pick<JobContext, 'use'>,
  alias: string,
  exec: { container: string; user?: string | undefined; mark: string },
): Promise<Stopped> {
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    return await withEngine(job, alias, (engine) => stopExec(engine, exec, signal));
  } catch (error) {
    if (isFlotillaError(error)) return 'unknown';
    throw error;
  }
}
