const TELLING =
  /error|exception|fatal|panic|fail|denied|refused|cannot|can't|unable|no such|not found|no space|out of memory|killed|timeout|timed out|traceback|invalid|missing|critical/i;

/** The newest lines that say what went wrong; the newest lines at all where none does. */
export function errorLines(lines: readonly string[], count = 3): string[] {
  const filled = lines.filter((line) => line.trim() !== '');
  const telling = filled.filter((line) => TELLING.test(line));
  return [...new Set((telling.length > 0 ? telling : filled).slice(-count * 4))].slice(-count);
}
