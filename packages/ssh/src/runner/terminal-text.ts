// biome-ignore-start lint/suspicious/noControlCharactersInRegex: terminal control sequences are what is removed
const SEQUENCES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])/g;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above

/**
 * What a terminal shows, as plain lines: control sequences (ECMA-48) removed, backspaces and carriage returns carried
 * out. Text of a remote host.
 */
export function visibleLines(text: string): string[] {
  return text
    .replace(SEQUENCES, '')
    .split('\n')
    .map((line) => overwrite(erase(line.replace(/\r+$/, ''))).replace(CONTROLS, ''));
}

/** A carriage return starts the line again: what was written last stands. */
function overwrite(line: string): string {
  const parts = line.split('\r');
  return parts.reduce((shown, part) => part + shown.slice(part.length), '');
}

function erase(line: string): string {
  if (!line.includes('\b')) return line;
  const kept: string[] = [];
  for (const character of line) {
    if (character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}
