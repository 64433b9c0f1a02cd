/** Signal numbers of Linux on every architecture that matters to us (not MIPS, Alpha, SPARC): signal(7). */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** Name of a signal without SIG; real-time ones as `RTMIN+n`. */
export function signalName(number: number): string | undefined {
  if (number >= 34 && number <= 64) return number === 34 ? 'RTMIN' : `RTMIN+${number - 34}`;
  return NAMES[number - 1];
}

/** What a shell's `$?` may mean: above 128 it is a code or a signal, and only other evidence tells which. */
export function isAmbiguous(status: number): boolean {
  return status > 128 && signalName(status - 128) !== undefined;
}

export function exitOrSignal(
  status: number,
  exited: boolean,
): { exitCode: number | null; signal: string | null } {
  if (exited || !isAmbiguous(status)) return { exitCode: status, signal: null };
  return { exitCode: null, signal: signalName(status - 128) ?? null };
}
