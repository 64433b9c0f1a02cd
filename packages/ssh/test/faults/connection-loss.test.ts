import { startProxy, startSshd } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { run } from '../support/run.ts';

const { later, links } = cleanup();

/** Calls that ran into a loss fail as lost connections, at once or as empty output; nothing hangs. */
test('30 losses at random moments under load: every call settles, and the pool recovers', {
  timeout: 120_000,
}, async () => {
  const sshd = await startSshd();
  later(() => sshd.stop());
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const all = links({
    directory: testDirectory({ ...hostOf(sshd), port: proxy.port }),
    settings: { maxConnections: 3, keepAliveIntervalMs: 100, keepAliveCountMax: 2, connectTimeoutMs: 2_000 },
  });
  let over = false;
  let completed = 0;
  const lost: unknown[] = [];
  const workers = Array.from({ length: 20 }, async (_, n) => {
    while (!over) {
      const out = await run(all, 'web', `echo ${n}; sleep 0.0${n % 10}`).catch(
        (error: unknown) => void lost.push(error),
      );
      if (out === `${n}\n`) completed++;
    }
  });
  for (let n = 0; n < 30; n++) {
    await run(all, 'web', `sleep 0.${Math.floor(Math.random() * 3)}`).catch(() => undefined);
    const fault = [sshd.killSessions, proxy.cut, proxy.freeze][n % 3];
    fault?.();
    if (n % 3 === 2) {
      await expect.poll(() => all.stats()[0]?.connections, { timeout: 10_000 }).toBe(0);
      proxy.resume();
    }
  }
  over = true;
  await Promise.all(workers);
  expect(completed).toBeGreaterThan(30);
  for (const error of lost) expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(await run(all, 'web', 'echo on')).toBe('on\n');
  expect(all.stats()).toMatchObject([{ queued: 0, busyChannels: 0 }]);
});
