import { startVps, type TestVps, waitFor, whyNoVps } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handleOf } from '../support/fleet.ts';
import { startHub, type TestHome, type TestHub, testHome, textOf } from '../support/hub.ts';

const reason = whyNoVps();

interface Status {
  state: string;
  steps: { state: string; exitCode?: number | null }[];
}

describe.skipIf(reason !== undefined)(`a host that reboots${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let vps: TestVps;
  let home: TestHome;
  let hub: TestHub;
  beforeAll(async () => {
    vps = await startVps();
    home = testHome();
    hub = await startHub(home, { MCP_SYNC_TIMEOUT_S: '0' });
    const keyPath = home.addKey(vps.keyPath);
    await hub.ok('server_add', { alias: 'vps', host: vps.host, port: vps.port, user: vps.user, keyPath });
  });
  afterAll(async () => {
    await hub?.close();
    await vps?.stop();
    home?.remove();
  });

  test.each(['reboot', 'crash'] as const)(
    '%s in the middle of a command: interrupted, said plainly, not run again',
    async (kind) => {
      const mark = `/root/mark-${kind}`;
      const answer = await hub.call('task_exec', {
        alias: 'vps',
        cmd: `echo x >> ${mark}; echo begun; sleep 600`,
      });
      const { id } = handleOf(answer);
      await waitFor(() => vps.run(`cat ${mark} 2>/dev/null || true`).includes('x'), {
        what: 'the command',
        timeoutMs: 30_000,
      });
      await vps[kind]();
      const status = await waitFor(
        async () => {
          const found = await hub.ok<Status>('task_status', { id });
          return found.state === 'running' || found.state === 'queued' ? undefined : found;
        },
        { timeoutMs: 120_000, intervalMs: 500, what: 'the verdict' },
      );
      expect(status.state).toBe('interrupted');
      expect(textOf(await hub.call('task_status', { id }))).toMatch(/restarted|rebooted/i);
      expect(vps.run(`cat ${mark}`).trim()).toBe('x');
      const retried = await hub.call('task_retry', { id });
      expect(retried.structuredContent).toMatchObject({ error: true, code: 'CONFLICT' });
      expect(vps.run(`cat ${mark}`).trim()).toBe('x');
    },
  );
});
