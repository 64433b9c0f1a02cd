import { z } from 'zod';
import { bounded } from '../../host/numbers.ts';
import { type Section, sectionText } from '../../host/sections.ts';
import { hostWord } from '../../host/words.ts';
import { jsonOf } from '../../services/containers.ts';
import type { CauseContainer, CauseFile, CauseProcess } from './cause.ts';

const LINES = 12;

/** What the script printed, as data. Everything in it was said by the host. */
export interface Look {
  processes: CauseProcess[];
  failedUnits: string[];
  errorLines: string[];
  /** The last ones of the unit that the alert is about. */
  unitLines: string[];
  growing: CauseFile[];
  /** `mounts`: folders of the host that it sees. */
  containers: (CauseContainer & { id: string; health: string; mounts: string[] })[];
  /** File systems that are at least 95 % full. */
  full: { mountpoint: string; usedPercent: number }[];
}

const linesOf = (sections: readonly Section[], name: string): string[] =>
  sections
    .filter((section) => section.name === name)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.trim() !== '');

const words = (lines: readonly string[]): string[] => lines.map((line) => hostWord(line, 300));

export function parseLook(sections: readonly Section[], nowMs: number): Look {
  const containers = linesOf(sections, 'containers')
    .flatMap((line) => container(line, sections))
    .slice(0, 100);
  const seconds = bounded(sectionText(sections, 'now').trim(), 1, 1e11) ?? nowMs / 1000;
  const growing = sections
    .filter(({ name }) => name === 'files')
    .flatMap(({ text, label }) =>
      text.split('\n').flatMap((line) => file(line, { mountpoint: hostWord(label), seconds, containers })),
    );
  return {
    processes: distinct(linesOf(sections, 'ps').flatMap(processOf), ({ pid }) => pid).slice(0, 10),
    failedUnits: linesOf(sections, 'units')
      .map((line) => hostWord(line.replace(/^[●*×\s]+/u, '').split(/\s+/)[0], 120))
      .slice(0, 20),
    errorLines: words(linesOf(sections, 'errors').slice(0, LINES)).reverse(),
    unitLines: words(linesOf(sections, 'unit').slice(-LINES)),
    growing: distinct(growing, ({ path }) => path).sort((a, b) => b.sizeBytes - a.sizeBytes),
    containers,
    full: linesOf(sections, 'df').slice(1).flatMap(fullMount),
  };
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => unknown): T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].reverse();
}

function processOf(line: string): CauseProcess[] {
  const [, pid, user, cpu, memory, command] =
    /^\s*(\d+)\s+(\S+)\s+([\d.]+)\s+([\d.]+)\s+(.*)$/s.exec(line) ?? [];
  const [id, cpuPercent, memoryPercent] = [
    bounded(pid, 1, 2 ** 32),
    bounded(cpu, 0, 1e6),
    bounded(memory, 0, 100),
  ];
  if (id === undefined || cpuPercent === undefined || memoryPercent === undefined) return [];
  // What looks is not what is looked for.
  if (/^(?:ps -eo|\S*sh (?:--norc --noprofile )?-c|sort |head )/.test(command ?? '')) return [];
  return [{ pid: id, user: hostWord(user, 40), cpuPercent, memoryPercent, command: hostWord(command, 120) }];
}

const State = z.object({
  Status: z.string().catch(''),
  ExitCode: z.number().int().min(0).max(255).optional().catch(undefined),
  OOMKilled: z.boolean().catch(false),
  Health: z.object({ Status: z.string() }).optional().catch(undefined),
});

function container(line: string, sections: readonly Section[]): Look['containers'] {
  const [, id = '', restarts, name, json = ''] =
    /^([0-9a-f]{64}) (\d{1,9}) (\S+) (\{.*\})$/.exec(line.trim()) ?? [];
  const count = bounded(restarts, 0, 1e9);
  const state = State.safeParse(jsonOf(json)).data;
  if (count === undefined || state === undefined) return [];
  const { Status, ExitCode, OOMKilled, Health } = state;
  const textOf = (part: string): string[] =>
    (sections.find(({ name: own, label }) => own === part && label === id)?.text ?? '')
      .split('\n')
      .filter(Boolean);
  const lastLines = textOf('lines')
    .slice(-5)
    .map((text) => hostWord(text, 300));
  return [
    {
      id,
      name: hostWord(name?.replace(/^\//, ''), 120),
      state: hostWord(Status, 30),
      restarts: count,
      health: hostWord(Health?.Status ?? 'none', 30),
      mounts: textOf('mounts').map((text) => hostWord(text, 300)),
      ...(ExitCode !== undefined && Status !== 'running' && { exitCode: ExitCode }),
      ...(OOMKilled && { oomKilled: true }),
      ...(lastLines.length > 0 && { lastLines }),
    },
  ];
}

function file(
  line: string,
  {
    mountpoint,
    seconds,
    containers,
  }: { mountpoint: string; seconds: number; containers: Look['containers'] },
): CauseFile[] {
  const [, size, changed, path = ''] = /^(\d+) ([\d.]+) (\/.*)$/.exec(line) ?? [];
  const sizeBytes = bounded(size, 0);
  const at = bounded(changed, 0, 1e12);
  if (sizeBytes === undefined || at === undefined) return [];
  const id = /\/containers\/([0-9a-f]{64})\//.exec(path)?.[1];
  const owner = containers.find((one) => one.id === id)?.name;
  const changedSecondsAgo = Math.max(0, Math.round(seconds - at));
  return [
    {
      path: hostWord(path, 300),
      mountpoint,
      sizeBytes,
      changedSecondsAgo,
      ...(owner !== undefined && { container: owner }),
    },
  ];
}

function fullMount(line: string): Look['full'] {
  const [, percent, mountpoint] = /\s(\d{1,3})%\s+(\/.*)$/.exec(line) ?? [];
  const used = bounded(percent, 0, 100);
  return used === undefined || used < 95
    ? []
    : [{ mountpoint: hostWord(mountpoint, 200), usedPercent: used }];
}
