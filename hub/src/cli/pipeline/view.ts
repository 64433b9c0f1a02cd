import { formatDuration, type RunView, visibleControls } from '@flotilla/core';
import { type Pipeline, type StepLine, stepLines } from '@flotilla/pipelines/read';
import { width } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Colors = Terminal['noteColor'];

const SIGNS: Record<StepLine['state'], [sign: string, color: 'dim' | 'cyan' | 'yellow' | 'green' | 'red']> = {
  pending: ['·', 'dim'],
  running: ['▸', 'cyan'],
  waiting: ['?', 'yellow'],
  succeeded: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['-', 'dim'],
  interrupted: ['!', 'red'],
  undoing: ['↺', 'yellow'],
  undone: ['↺', 'dim'],
};

/** One line per step, and one that says what goes on. */
export function viewLines(
  pipeline: Pipeline,
  run: RunView,
  color: Colors,
  columns: number,
  now = Date.now(),
): string[] {
  const lines = stepLines(pipeline, run.steps);
  const key = Math.max(...lines.map((line) => line.key.length));
  const tool = Math.max(...lines.map((line) => line.tool.length));
  const said = run.waitingFor ?? run.progress?.message ?? '';
  return [
    ...lines.map((line) => {
      const [sign, name] = SIGNS[line.state];
      const text = `${line.key.padEnd(key)}  ${line.tool.padEnd(tool)}  ${line.state}${factsOf(line, now)}`;
      return color[name](`${sign} ${cut(text, columns - 3)}`);
    }),
    color.dim(cut(`  ${run.state}${said === '' ? '' : `: ${visibleControls(said)}`}`, columns - 1)),
  ];
}

/** What changed since the last look, for outputs that are no terminal. */
export function changedLines(
  before: ReadonlyMap<string, string>,
  pipeline: Pipeline,
  run: RunView,
): Map<string, string> {
  return new Map(
    stepLines(pipeline, run.steps).flatMap((line) => {
      const text = `${line.key}: ${line.state}${line.message === undefined ? '' : `: ${visibleControls(line.message)}`}`;
      return line.state === 'pending' || before.get(line.key) === text ? [] : [[line.key, text] as const];
    }),
  );
}

function factsOf({ begun, done, attempt, startedAt, endedAt, message }: StepLine, now: number): string {
  const facts = [
    begun > 1 ? `${done} of ${begun}` : '',
    attempt > 1 ? `attempt ${attempt}` : '',
    startedAt === undefined ? '' : formatDuration((endedAt ?? now) - startedAt),
    message === undefined ? '' : visibleControls(message),
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? '' : `  ${facts.join('  ')}`;
}

function cut(text: string, columns: number): string {
  const flat = text.replace(/\s*\n\s*/g, ' ');
  return width(flat) <= columns ? flat : `${[...flat].slice(0, Math.max(0, columns - 1)).join('')}…`;
}
