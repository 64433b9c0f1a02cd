import { fenceRemote, visibleControls } from '@flotilla/core';
import type { FiringView, ScheduleView } from './view.ts';

/** The words of a server that is not ours begin no line of their own. */
const oneLine = (text = ''): string => visibleControls(text).replace(/\s+/g, ' ').slice(0, 300);

/** One line: what a firing came to, and where to look. */
export function firingText({
  kind,
  fireAt,
  state,
  times,
  late,
  runId,
  reason,
  code,
  message,
}: FiringView): string {
  const what = [
    state.replace('_', ' '),
    times !== undefined && `(${times} fire times)`,
    late && '(late)',
    kind === 'hand' && '(by hand)',
    runId,
  ].filter(Boolean);
  const why = [reason, code && `${code}: ${oneLine(message)}`].filter(Boolean).join('; ');
  return `${fireAt} ${what.join(' ')}${why === '' ? '' : `: ${why}`}`;
}

/** A call that was no run has nothing but its stored output. */
export const outputText = ({ output }: FiringView): string[] =>
  output === undefined ? [] : [fenceRemote(output, 'its output')];

export function scheduleText(view: ScheduleView): string {
  const { name, state, tool, args, when, zone, next, last, failuresInARow } = view;
  const [first] = next;
  const facts = [
    `${tool} ${JSON.stringify(args)}`.slice(0, 200),
    first ? `next ${first.at} (${first.local})` : state,
    last && `last ${firingText(last)}`,
    failuresInARow > 1 && `${failuresInARow} failures in a row`,
  ].filter(Boolean);
  return visibleControls(
    `${state === 'active' ? '' : `${state.toUpperCase()} `}${name} [${when}, ${zone}]: ${facts.join('; ')}`,
  );
}

/** Everything about one schedule but its history. */
export function detailText(view: ScheduleView): string {
  const { name, state, tool, args, when, zone, next, missed, grace, overlap, jitter, owner, notes } = view;
  const lines = [
    `${name} is ${state}: ${tool} ${JSON.stringify(args)}`,
    `when: ${when}, zone ${zone}${jitter === undefined ? '' : `, jitter up to ${jitter}`}`,
    `missed: ${missed} within ${grace}; overlap: ${overlap}; called on behalf of ${owner}`,
    ...(notes === undefined ? [] : [`notes: ${JSON.stringify(notes)}`]),
    ...(next.length === 0 ? [] : ['next:', ...next.map(({ at, local }) => `  ${at}  (${local})`)]),
  ];
  return lines.map(visibleControls).join('\n');
}
