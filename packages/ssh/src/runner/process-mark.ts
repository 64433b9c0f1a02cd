/** A process that cannot be mistaken for a later one of the same number. */
export interface ProcessMark {
  pid: number;
  /** In clock ticks since the host's start; proc(5). */
  start: string;
}

/** `pid/start time`, as the host writes them; other words are left out. */
export function processMarks(words: readonly string[]): ProcessMark[] {
  return words.flatMap((word) => {
    const [, pid, start] = /^(\d{1,10})\/(\d{1,20})$/.exec(word) ?? [];
    return pid === undefined || start === undefined ? [] : [{ pid: Number(pid), start }];
  });
}
