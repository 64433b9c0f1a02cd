import { join } from 'node:path';
import { StateStore } from '@flotilla/store';
import { tempDir, waitFor } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { Peers } from '../../src/driver/peers.ts';
import { jobsSchema } from '../../src/index.ts';

const LEASE_MS = 200;

test('a process that comes back after it was given up is not given up again', async () => {
  const folder = tempDir('flotilla-peers-');
  onTestFinished(() => folder.remove());
  const open = () => StateStore.open({ file: join(folder.path, 'state.sqlite'), parts: [jobsSchema] });
  const store = open();
  const others = open();
  onTestFinished(() => Promise.all([store.close(), others.close()]).then(() => undefined));
  const idle = new Peers(store, LEASE_MS);
  const observer = new Peers(others, LEASE_MS);
  const takeSomething = () => store.write((sql) => idle.announce(sql));

  await takeSomething();
  expect(await idle.beat()).toBe(true);
  const [expelled] = await waitFor(async () => {
    const gone = await observer.expelDead();
    return gone.length > 0 && gone;
  });
  expect(expelled).toEqual({ id: idle.self.id, ended: false });

  await takeSomething();
  expect(await idle.beat()).toBe(true);
  expect(await observer.expelDead()).toEqual([]);
  expect(await idle.beat()).toBe(true);
});
