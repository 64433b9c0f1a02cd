export interface StepOutput {
  begun: boolean;
  /** Undefined when the shell ended inside the command. */
  exitCode: number | undefined;
  timedOut: boolean;
  text: string;
}

/** Cuts one stream of a sequence script at its marker lines into the output of each command. */
export function splitSequenceOutput(stream: string, marker: string, count: number): StepOutput[] {
  const steps: StepOutput[] = Array.from({ length: count }, () => ({
    begun: false,
    exitCode: undefined,
    timedOut: false,
    text: '',
  }));
  const lines = new RegExp(
    `\\n${marker.replace(/[^A-Za-z0-9_]/g, '\\$&')} (begin|end|timeout) (\\d+)(?: (\\d+))?\\n`,
    'g',
  );
  let current: StepOutput | undefined;
  let from = 0;
  for (const match of stream.matchAll(lines)) {
    if (current) current.text += stream.slice(from, match.index);
    from = match.index + match[0].length;
    const step = steps[Number(match[2])];
    if (!step) continue;
    if (match[1] === 'begin') {
      step.begun = true;
      current = step;
    } else if (match[1] === 'end') {
      step.exitCode = Number(match[3]);
      current = undefined;
    } else {
      step.timedOut = true;
    }
  }
  if (current) current.text += stream.slice(from);
  return steps;
}
