const SIGNALS: Record<number, string> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  4: 'ILL',
  6: 'ABRT',
  7: 'BUS',
  8: 'FPE',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  15: 'TERM',
};

/** What an exit code of a container says (docker run(1), "Exit status"; 128 + n is signal n). */
export function exitMeaning(code: number, oomKilled: boolean): string {
  if (oomKilled) return 'killed by the kernel: it needed more memory than it may have';
  if (code === 0) return 'ended by itself, without an error';
  if (code === 125) return 'the engine itself could not run it';
  if (code === 126) return 'its command is there but cannot be executed';
  if (code === 127) return 'its command was not found';
  if (code === 137) return 'killed (signal KILL): stopped by force, or out of memory';
  if (code === 139) return 'crashed (signal SEGV)';
  if (code === 143) return 'asked to stop (signal TERM)';
  const signal = SIGNALS[code - 128];
  return signal === undefined ? 'the program ended with an error of its own' : `ended by signal ${signal}`;
}
