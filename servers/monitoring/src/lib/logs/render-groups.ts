import { fenceRemote } from '@flotilla/core';
import { relative } from '../host/words.ts';
import type { LogGroup } from './groups.ts';

export const groupText = (group: LogGroup, now: number): string => {
  const when = group.last === undefined ? '' : `, last ${relative(group.last, now)}`;
  const times = group.count === 1 ? '1 time' : `${group.count} times`;
  return `${group.level} ${group.origin}: ${times}${when}\n    ${group.example}`;
};

export const groupsText = (alias: string, groups: readonly LogGroup[], now: number): string =>
  groups.length === 0
    ? ''
    : `\n${fenceRemote(groups.map((group) => groupText(group, now)).join('\n'), `log lines of ${alias}`)}`;
