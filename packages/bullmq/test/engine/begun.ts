import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/jobs/testing';
import { type ChildHub, startChildHub } from '@flotilla/jobs/testing/fixtures/child-hub';
import { call, type Hub, type World } from '@flotilla/jobs/testing/fixtures/world';
import { expect } from 'vitest';

/** Longer than a test may take: nothing is taken over because of it. */
export const limits = { leaseMs: 60_000 };

/** A command in a process of its own that leaves a line, and ends when it is let go. */
export async function begun(world: World): Promise<{ child: ChildHub; id: string; letGo(): void }> {
  const child = await startChildHub(world, limits);
  const [gate, effects] = [join(world.folder, 'gate'), join(world.folder, 'effects')];
  const cmd = `echo x >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.05; done; exit 3`;
  const { id } = await child.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => read(effects) === 'x\n');
  return { child, id, letGo: () => writeFileSync(gate, '') };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export async function endsOnce(world: World, hub: Hub, id: string): Promise<void> {
  expect(await hub.runs.wait(id, 30_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect(read(join(world.folder, 'effects'))).toBe('x\n');
}
