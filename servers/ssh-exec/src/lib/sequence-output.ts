export interface StepOutput {
  begun: boolean;
  /** Undefined when the shell ended inside the command. */
  exitCode: number | undefined;
  timedOut: boolean;
  text: string;
  /** A part of its output is in what was left out of the middle of a long stream. */
  cut: boolean;
}

export interface SequenceStream {
  text: string;
  /** The middle of `text` was replaced by one line that says so. */
  truncated: boolean;
}

const GAP = /\n(\[… \d+ bytes left out …\])\n/;

/** Cuts one stream of a sequence script at its marker lines into the output of each command. */
export function splitSequenceOutput(stream: SequenceStream, marker: string, count: number): StepOutput[] {
  const steps: StepOutput[] = Array.from({ length: count }, () => ({
    begun: false,
    exitCode: undefined,
    timedOut: false,
    text: '',
    cut: false,
  }));
  const reader = partReader(marker, steps);
  const gap = stream.truncated ? GAP.exec(stream.text) : null;
  if (!gap) {
    reader.read(stream.text, undefined);
    return steps;
  }
  const notice = `${gap[1]}\n`;
  const before = reader.read(stream.text.slice(0, gap.index + 1), undefined);
  const rest = stream.text.slice(gap.index + gap[0].length);
  const after = reader.endsFirst(rest) ?? before;
  for (const step of new Set([before, after])) {
    if (!step) continue;
    step.text += notice;
    step.cut = true;
  }
  reader.read(rest, after);
  const from = before ? steps.indexOf(before) + 1 : 0;
  const to = after ? steps.indexOf(after) : from;
  for (const step of steps.slice(from, to)) step.cut = true;
  return steps;
}

const markerLines = (marker: string): RegExp => {
  const name = marker.replace(/[^A-Za-z0-9_]/g, '\\$&');
  return new RegExp(`\\n${name} (begin|end|timeout|all) ([0-9=!,]*)(?: (\\d+))?\\n`, 'g');
};

/** The output of all commands without the marker lines. */
export const withoutMarkers = (text: string, marker: string): string => text.replace(markerLines(marker), '');

function partReader(marker: string, steps: StepOutput[]) {
  const lines = markerLines(marker);
  return {
    /** The command whose output a part begins in: its end comes before any beginning. */
    endsFirst(part: string): StepOutput | undefined {
      const [first] = part.matchAll(lines);
      return first?.[1] === 'end' || first?.[1] === 'timeout' ? steps[Number(first[2])] : undefined;
    },
    /** Reads a part that begins inside the output of `inside`; returns the command that it ends inside of. */
    read(part: string, inside: StepOutput | undefined): StepOutput | undefined {
      let current = inside;
      let from = 0;
      for (const match of part.matchAll(lines)) {
        if (current) current.text += part.slice(from, match.index);
        from = match.index + match[0].length;
        current = apply(match, steps, current);
      }
      if (current) current.text += part.slice(from);
      return current;
    },
  };
}

/** What one marker line says; returns the command whose output follows it. */
function apply(
  [, word, value = '', exitCode]: RegExpExecArray,
  steps: StepOutput[],
  current: StepOutput | undefined,
): StepOutput | undefined {
  if (word === 'all') readSummary(value, steps);
  const step = word === 'all' ? undefined : steps[Number(value)];
  if (!step) return current;
  if (word === 'timeout') step.timedOut = true;
  if (word === 'end') step.exitCode = Number(exitCode);
  if (word === 'begin') step.begun = true;
  if (word === 'timeout') return current;
  return word === 'begin' ? step : undefined;
}

/** `0=0,1=124!`: the exit code of every command that ended; `!` = by its time limit. */
function readSummary(value: string, steps: StepOutput[]): void {
  for (const [, index, exitCode, timedOut] of value.matchAll(/(\d+)=(\d+)(!?)/g)) {
    const step = steps[Number(index)];
    if (!step) continue;
    step.begun = true;
    step.exitCode = Number(exitCode);
    step.timedOut ||= timedOut === '!';
  }
}
