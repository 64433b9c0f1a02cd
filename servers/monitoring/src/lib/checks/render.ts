import { fenceRemote } from '@flotilla/core';
import type { z } from 'zod';
import { counted, relative } from '../host/words.ts';
import type { CheckResult, CheckState } from './state.ts';

/** One line of what each vantage point saw; details are those of the targets. */
export function vantagesText({ vantages }: z.infer<typeof CheckResult>): string {
  const lines = vantages.map(({ from, status, ms, reason, detail }) => {
    const more = [ms !== undefined && `${ms} ms`, reason, detail].filter(Boolean).join(', ');
    return `from ${from}: ${status}${more ? `, ${more}` : ''}`;
  });
  return fenceRemote(lines.join('\n'), 'what was seen');
}

export function stateText(state: CheckState, now: number): string {
  const { name, kind, target, status, since, reason, uptime24h, uptime7d, uptime30d, last } = state;
  const uptime = [
    uptime24h !== undefined && `${uptime24h} % in 24 h`,
    uptime7d !== undefined && `${uptime7d} % in 7 d`,
    uptime30d !== undefined && `${uptime30d} % in 30 d`,
  ].filter(Boolean);
  const facts = [
    since && `since ${relative(since, now).replace(' ago', '')}`,
    status !== 'up' && reason,
    last?.ms !== undefined && status === 'up' && `${last.ms} ms`,
    uptime.length > 0 && `up ${uptime.join(', ')}`,
    !last && 'not run yet',
  ].filter(Boolean);
  return `${status.toUpperCase()} ${name} (${kind} ${target.slice(0, 120)}): ${facts.join('; ')}`;
}

const RANK = { down: 0, unknown: 1, up: 2 };

/** Worst first. */
export function statesText(states: readonly CheckState[], now: number): string {
  if (states.length === 0) return 'There is no check; check_add makes one.';
  const count = (status: CheckState['status']): number =>
    states.filter((one) => one.status === status).length;
  const finding = `${counted(states.length, 'check')}: ${count('down')} down, ${count('unknown')} unknown, ${count('up')} up`;
  const sorted = [...states].sort((a, b) => RANK[a.status] - RANK[b.status] || a.name.localeCompare(b.name));
  return [finding, ...sorted.map((state) => stateText(state, now))].join('\n');
}
