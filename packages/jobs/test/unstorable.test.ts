import { expect, test } from 'vitest';
import { call, makeWorld, startHub } from './fixtures/world.ts';

test('a run whose result is refused ends as failed, and is not tried again', async () => {
  const hub = await startHub(makeWorld(), { mayLog: /the end of a run was not stored/ });
  await hub.store.write((sql) =>
    sql.run(`CREATE TRIGGER refuse BEFORE UPDATE ON job_run WHEN NEW.state = 'succeeded'
             BEGIN SELECT RAISE(ABORT, 'it is refused'); END`),
  );
  const { id } = await hub.runs.submit(call('noop', { n: 1 }));
  const view = await hub.runs.wait(id, 10_000);
  expect(view).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
  expect(view.output).toBeUndefined();
});
