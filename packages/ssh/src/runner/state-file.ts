import type { CommandOutcome, CommandState } from '@flotilla/core';
import { exitOrSignal, isAmbiguous } from '../channel/signals.ts';
import { type ProcessMark, processMarks } from './process-mark.ts';

/** What one query says about a run on its host. */
export interface RunReport {
  id: string;
  present: boolean;
  /** The supervisor's process is there: same pid and same start time. */
  alive: boolean;
  /** Complete lines of the state file, without their end mark. */
  lines: string[];
  stdoutBytes: number;
  stderrBytes: number;
}

/** One fixed line: status, start, end, bytes of stdout, of stderr, dropped bytes, reason of a cancel. */
export function parseEnd(words: readonly string[]): { status: number; outcome: CommandOutcome } {
  const [status, start, end, out, err, dropped, reason] = words;
  return {
    status: bounded(status, 255),
    outcome: {
      exitCode: null,
      signal: null,
      timedOut: reason === 'timeout',
      cancelled: reason === 'cancelled',
      stdoutBytes: bounded(out),
      stderrBytes: bounded(err),
      droppedBytes: bounded(dropped),
      durationMs: milliseconds(start, end),
    },
  };
}

const KILLED =
  /\b(?:Killed|Terminated|Hangup|Quit|Interrupt|Aborted|Segmentation fault|Bus error|Floating point exception|Illegal instruction|Alarm clock|User defined signal [12])\b/;

/** The outcome, unless its status could be a code or a signal and the state file has to tell. */
export function quickOutcome(words: readonly string[]): CommandOutcome | undefined {
  const { status, outcome } = parseEnd(words);
  return isAmbiguous(status) ? undefined : { ...outcome, ...exitOrSignal(status, true) };
}

/** `startedAt` grace for an empty lock is the caller's: here an empty one is `never_started`. */
export function stateOf(report: RunReport, boot: string): CommandState {
  if (!report.present) return { state: 'absent' };
  const { lines } = report;
  if (lines.some((line) => line.startsWith('x removed')))
    return { state: 'refused', reason: 'already_removed' };
  if (lines.some((line) => line.startsWith('x cancelled'))) {
    return { state: 'refused', reason: 'cancelled_before_start' };
  }
  const end = lines.findLast((line) => line.startsWith('end ') && line.endsWith(' .'));
  if (end !== undefined) {
    const { status, outcome } = parseEnd(end.slice(4, -2).split(' '));
    const notes = timeLimitNotes(unstopped(report).map(({ pid }) => pid));
    const ending = exitOrSignal(status, saysExit(lines));
    return { state: 'ended', outcome: { ...outcome, ...ending, ...(notes.length > 0 && { notes }) } };
  }
  const head = lines.find((line) => line.startsWith('v1 ') && line.endsWith(' .'));
  if (head === undefined) return { state: 'lost', reason: 'never_started' };
  if (head.split(' ')[3] !== boot) return { state: 'lost', reason: 'rebooted' };
  if (lines.includes('b .')) return { state: 'lost', reason: 'connection_bound' };
  if (!report.alive) return { state: 'lost', reason: 'supervisor_gone' };
  return { state: 'running', stdoutBytes: report.stdoutBytes, stderrBytes: report.stderrBytes };
}

/** Processes that the host could not stop at the time limit and that are still there. */
export function unstopped({ lines }: RunReport): ProcessMark[] {
  return processMarks(
    lines.findLast((line) => line.startsWith('u ') && line.endsWith(' .'))?.split(' ') ?? [],
  );
}

/** The host is stopping what belongs to this command, which itself may have ended. */
export function isBeingStopped({ lines }: RunReport): boolean {
  return lines.includes('w .');
}

/** What is said of processes that outlived their time limit, by their ids. */
export function timeLimitNotes(survivors: readonly number[]): string[] {
  if (survivors.length === 0) return [];
  return [`processes that could not be stopped at the time limit: ${survivors.join(', ')}`];
}

/** The command has a terminal: the line with its name is there, complete. */
export function hasTerminal(report: RunReport): boolean {
  return report.lines.some((line) => line.startsWith('t ') && line.endsWith(' .'));
}

/** The shell's own job notice tells an exit code (`Exit 137`, `Done(137)`) from a signal (`Killed`). */
function saysExit(lines: readonly string[]): boolean {
  // Inside a terminal a shell says only that a program was killed; nothing at all means that it exited.
  if (lines.some((line) => line.startsWith('p '))) return !lines.some((line) => KILLED.test(line));
  return lines.some((line) => /^\[\d+\]\s*[+-]?\s*(?:\d+ )?(?:Exit \d+|Done\(\d+\))/.test(line));
}

function bounded(word: string | undefined, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(word);
  return Number.isFinite(value) && value >= 0 ? Math.min(Math.floor(value), max) : 0;
}

/** Between two readings of one clock in seconds; a clock that was set back gives 0. */
function milliseconds(start: string | undefined, end: string | undefined): number {
  const elapsed = (Number(end) - Number(start)) * 1000;
  return Number.isFinite(elapsed) ? Math.max(0, Math.round(elapsed * 1000) / 1000) : 0;
}
