/** Splits what the script printed at its `@@name` lines. */
export function readSections(stdout: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  for (const part of stdout.split(/^@@(?=[a-z0-9]+$)/m).slice(1)) {
    const end = part.indexOf('\n');
    if (!sections.has(part.slice(0, end))) sections.set(part.slice(0, end), part.slice(end + 1));
  }
  return sections;
}

/** Files by path, out of what head(1) prints for several. */
export function readFiles(text: string | undefined): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of (text ?? '').split(/^==> (?=\/)/m).slice(1)) {
    const end = part.indexOf(' <==\n');
    if (end > 0 && end < 1_000) files.set(part.slice(0, end), part.slice(end + 5));
  }
  return files;
}
