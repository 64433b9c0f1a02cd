import { FlotillaError } from '@flotilla/core';
import type { Inventory } from '@flotilla/inventory';
import type { Reach } from '@flotilla/workers';
import { expect, test } from 'vitest';
import { hostLabels, NO_LABELS } from '../src/worker/host-labels.ts';
import { whyQueued } from '../src/worker/queue-routes.ts';

const jumps: Record<string, string | undefined> = {
  nas: 'gate',
  gate: undefined,
  web1: undefined,
  a: 'b',
  b: 'a',
};
const inventory = {
  find: (alias: string) => (alias in jumps ? { alias, jump: jumps[alias] } : undefined),
  resolve: (word: string) => {
    if (word === 'all') return Object.keys(jumps).map((alias) => ({ alias }));
    if (word in jumps) return [{ alias: word }];
    throw new FlotillaError('NOT_FOUND', 'nobody');
  },
} as unknown as Inventory;
const reach = (labels: Record<string, string[]>): Reach => ({
  labelsOf: (alias) => labels[alias] ?? [],
  list: () => Object.entries(labels).map(([alias, own]) => ({ alias, labels: own })),
  set: async () => undefined,
});

test('a host needs its own labels and those of its bastions', () => {
  const labels = hostLabels(inventory, reach({ gate: ['office'], nas: ['vpn'] }));
  expect(labels.ofAlias('nas')).toEqual(['office', 'vpn']);
  expect(labels.ofAlias('gate')).toEqual(['office']);
  expect(labels.ofAlias('web1')).toEqual([]);
  expect(labels.ofAlias('a')).toEqual([]);
  expect(labels.ofWords(['web1', 'nobody', 'gate'])).toEqual(['office']);
  expect(labels.ofWords(['all'])).toEqual(['office', 'vpn']);
  expect(hostLabels(inventory, reach({})).ofWords(['all'])).toEqual([]);
});

test('why a run waits: its lane or its labels have no worker', () => {
  const present = {
    has: (lane: string, needed: readonly string[] = []) => lane === 'sftp' && needed.length === 0,
  };
  const why = (lane: string, aliases: string[], delegated: string[], labels = NO_LABELS) =>
    whyQueued(new Set(delegated), present as never, labels)({ lane, aliases });
  const labels = hostLabels(inventory, reach({ nas: ['vpn'], gate: ['office'] }));
  expect(why('docker', ['web1'], [])).toBeUndefined();
  expect(why('docker', ['web1'], ['docker'])).toBe('waiting for a worker of lane docker');
  expect(why('sftp', ['web1'], ['sftp'])).toBeUndefined();
  expect(why('sftp', ['nas'], [], labels)).toBe('waiting for a worker of lane sftp that reaches office, vpn');
  expect(why('sftp', ['nas'], [])).toBeUndefined();
});
