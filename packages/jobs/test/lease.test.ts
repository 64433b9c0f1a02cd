import { expect, test } from 'vitest';
import { makeWorld, startHub } from './fixtures/world.ts';

test('work whose lease could not be given back is taken up again, by this process alone', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const other = await startHub(world);
  const blockade = "BEFORE DELETE ON job_lease BEGIN SELECT RAISE(ABORT, 'not now'); END";
  const first = await hub.exclusively('sampling', async () => {
    expect(await hub.exclusively('sampling', async () => 'twice')).toBeUndefined();
    await hub.store.write((sql) => sql.run(`CREATE TRIGGER blockade ${blockade}`));
    return 'done';
  });
  expect(first).toBe('done');
  await hub.store.write((sql) => sql.run('DROP TRIGGER blockade'));
  expect(await other.exclusively('sampling', async () => 'stolen')).toBeUndefined();
  expect(await hub.exclusively('sampling', async () => 'again')).toBe('again');
  expect(await other.exclusively('sampling', async () => 'my turn')).toBe('my turn');
});
