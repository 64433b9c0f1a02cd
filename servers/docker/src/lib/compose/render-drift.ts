import { cell } from '../text.ts';
import type { ServiceDrift } from './drift.ts';
import { MAX_TEXT_ROWS } from './limits.ts';

const WORDS: Record<ServiceDrift['state'], string> = {
  same: 'as in the file',
  changed: 'CHANGED',
  missing: 'MISSING',
  orphan: 'ORPHAN',
  stopped: 'STOPPED',
  scale: 'SCALE',
  image_behind: 'IMAGE BEHIND',
};

/** One line per service, worst first. */
export function renderDrift(rows: readonly ServiceDrift[]): string {
  const lines = rows.slice(0, MAX_TEXT_ROWS).map(({ service, state, changes }) => {
    const why = changes.length === 0 ? '' : ` (${changes.join('; ')})`;
    return `  ${cell(service)} ${WORDS[state]} ${cell(why, 1_000)}`.trimEnd();
  });
  const more = rows.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … ${more} more services`] : [])].join('\n');
}

/** `2 changed, 1 missing`, or that there is nothing. */
export function driftSummary(rows: readonly ServiceDrift[]): string {
  const counts = new Map<string, number>();
  for (const { state } of rows) if (state !== 'same') counts.set(state, (counts.get(state) ?? 0) + 1);
  if (counts.size === 0) return 'no drift';
  return [...counts].map(([state, count]) => `${count} ${state.replace('_', ' ')}`).join(', ');
}
