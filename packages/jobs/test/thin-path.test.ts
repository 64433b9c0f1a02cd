import { expect, test } from 'vitest';
import { call, makeWorld, startHub } from './fixtures/world.ts';

test('a submitted command runs and its outcome can be waited for', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const { id, existing } = await hub.runs.submit(
    call('exec', { alias: 'web1', cmd: 'echo hello; echo oops >&2; exit 7' }),
  );
  expect(existing).toBe(false);
  const run = await hub.runs.wait(id, 10_000);
  expect(run).toMatchObject({
    state: 'failed',
    isError: true,
    output: { exitCode: 7, stdout: 'hello\n', stderr: 'oops\n' },
    steps: [{ key: 'exec', alias: 'web1', state: 'failed', exitCode: 7, attempt: 1 }],
  });
  expect(run.tail).toContain('hello');
});
